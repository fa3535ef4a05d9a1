import { posix } from 'node:path'
import { parseDocument } from 'yaml'
import type { ChartSight, WorkloadSight } from './sight.ts'

/** The Helm charts among the files. Templates are read as text: what is made up when they are rendered is not known. */
export async function chartsOf(
  files: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<readonly ChartSight[]> {
  const charts: ChartSight[] = []
  for (const path of files.filter((each) => posix.basename(each) === 'Chart.yaml')) {
    const folder = posix.dirname(path)
    const workloads: WorkloadSight[] = []
    for (const template of files.filter((each) => each.startsWith(`${folder}/templates/`)))
      workloads.push(...workloadsOf(await read(template)))
    const valueFiles = files.filter(
      (each) => posix.dirname(each) === folder && /\/values[\w.-]*\.ya?ml$/.test(each),
    )
    const values = new Map(
      valueFiles.flatMap((each) => {
        const [, environment] = /\/values[-.](.+)\.ya?ml$/.exec(each) ?? []
        return environment === undefined ? [] : [[environment, each] as const]
      }),
    )
    const parsed: unknown[] = []
    for (const each of valueFiles) parsed.push(plainOf(await read(each)))
    const image = parsed
      .map((value) => textAt(value, 'image', 'repository'))
      .find((text) => text !== undefined)
    const name = textAt(plainOf(await read(path)), 'name')
    const named = new Set(parsed.flatMap((value) => Object.keys(mappingAt(value, 'workloads'))))
    charts.push({
      folder,
      workloads,
      values,
      named: [...named],
      ...(name === undefined ? {} : { name }),
      ...(image === undefined ? {} : { image }),
    })
  }
  return charts
}

/** Objects of a template that run an image. A name with a template in it is none. */
function workloadsOf(text: string): readonly WorkloadSight[] {
  return text.split(/^---$/m).flatMap((part) => {
    const [, kind] = /^kind:\s*(Rollout|Deployment)\s*$/m.exec(part) ?? []
    if (kind !== 'Rollout' && kind !== 'Deployment') return []
    const name = literal(/^metadata:\s*\n(?:[ \t]+.*\n)*?[ \t]+name:\s*(\S+)\s*$/m.exec(part)?.[1])
    const container = literal(/^\s+containers:\s*\n\s*-\s+name:\s*(.+?)\s*$/m.exec(part)?.[1])
    const weights = [...part.matchAll(/^\s*-\s*setWeight:\s*(\d+)\s*$/gm)].map(([, weight]) => Number(weight))
    return [
      {
        kind,
        weights,
        ...(name === undefined ? {} : { name }),
        ...(container === undefined ? {} : { container }),
      },
    ]
  })
}

function literal(text: string | undefined): string | undefined {
  return text === undefined || text.includes('{{') ? undefined : text.replace(/^["']|["']$/g, '')
}

function plainOf(text: string): unknown {
  const document = parseDocument(text)
  return document.errors.length > 0 ? undefined : document.toJS()
}

function mappingAt(value: unknown, key: string): Readonly<Record<string, unknown>> {
  const found = isMapping(value) ? value[key] : undefined
  return isMapping(found) ? found : {}
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((part, key) => (isMapping(part) ? part[key] : undefined), value)
  return typeof found === 'string' ? found : undefined
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
