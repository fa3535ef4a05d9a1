import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Action } from '../../src/action/index.ts'
import { reasons } from '../../src/release/index.ts'
import { actionYaml, between, inputTable, outputTable, reasonPage } from './texts.ts'

/** A generated file: its path from the root and its whole text. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** All generated texts of the repository, from their sources. */
export async function pages(root: string): Promise<readonly Page[]> {
  const actions = await Promise.all(actionFolders(root).map((name) => actionPages(root, name)))
  return [
    ...actions.flat(),
    { path: 'docs/reason-codes.md', text: reasonPage(reasons) },
    { path: 'schema/tuesday.schema.json', text: await configSchema() },
    { path: 'docs/migrations.md', text: await migrationPage(root) },
  ]
}

function actionFolders(root: string): readonly string[] {
  const folder = join(root, 'actions')
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'action.ts')))
    .sort()
}

async function actionPages(root: string, name: string): Promise<readonly Page[]> {
  const folder = join(root, 'actions', name)
  const { action }: { action: Action } = await import(pathToFileURL(join(folder, 'action.ts')).href)
  if (action.name !== name) throw new Error(`actions/${name}/action.ts calls itself ${action.name}`)
  const readme = join(folder, 'README.md')
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : firstReadme(action)
  return [
    { path: `actions/${name}/action.yml`, text: actionYaml(action) },
    { path: `actions/${name}/README.md`, text: withTables(text, action) },
  ]
}

function withTables(text: string, action: Action): string {
  const tables = { inputs: inputTable(action), outputs: outputTable(action) }
  return Object.entries(tables).reduce((page, [name, table]) => {
    const filled = between(page, name, table)
    if (filled !== undefined) return filled
    throw new Error(
      `actions/${action.name}/README.md: <!-- ${name} --> and <!-- /${name} --> must stand once`,
    )
  }, text)
}

function firstReadme({ name, description }: Action): string {
  const tables = ['inputs', 'outputs'].map((part) => `<!-- ${part} -->\n<!-- /${part} -->`)
  return `# ${name}\n\n${description}\n\n## Inputs\n\n${tables[0]}\n\n## Outputs\n\n${tables[1]}\n`
}

async function configSchema(): Promise<string> {
  const { configJsonSchema } = await import('../../src/config/index.ts')
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`
}

/** The page of migrations with the table of their rules. */
async function migrationPage(root: string): Promise<string> {
  const { ruleIds, rules } = await import('../../src/hazards/index.ts')
  const rows = ruleIds.map((id) => `| \`${id}\` | ${rules[id].danger} | ${rules[id].title} |`)
  const table = ['| rule | danger | what |', '| --- | --- | --- |', ...rows].join('\n')
  const filled = between(readFileSync(join(root, 'docs/migrations.md'), 'utf8'), 'rules', table)
  if (filled === undefined)
    throw new Error('docs/migrations.md: <!-- rules --> and <!-- /rules --> must stand once')
  return filled
}
