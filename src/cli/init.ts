import { constants, copyFile, mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { callers, conclude, configText, look } from '../adoption/index.ts'
import { loadConfig } from '../config/index.ts'
import { type CliPorts, type Command, parse, refused, wrong } from './command.ts'

const usage = `Usage: node path/to/suite/cli.mjs init [options]

Looks at this repository and writes tuesday.yaml, the workflows that call the suite, and this file as .tuesday/cli.mjs.
What is there already stays as it is.

  --dry-run   only say what would be written
  --json      the answer as one line of JSON`

const options = { 'dry-run': { type: 'boolean', default: false } } as const

export const init: Command = {
  summary: 'write tuesday.yaml and the callers for this repository',
  usage,
  async run(args, ports) {
    const read = parse(args, options)
    if (!read.ok) return wrong(read.why, usage)
    const sight = await look(ports.dir, await remoteOf(ports))
    const conclusion = conclude(sight, basename(resolve(ports.dir)))
    const text = configText(conclusion)
    // A file that the suite itself does not take would be a trap, not a start.
    const checked = loadConfig(text, 'tuesday.yaml')
    if (!checked.ok) return refused(checked.fault)
    const files = new Map([['tuesday.yaml', text], ...callers(conclusion)])
    const dry = read.values['dry-run']
    const written: string[] = []
    const kept: string[] = []
    for (const [path, content] of files) {
      const there = await exists(join(ports.dir, path))
      ;(there ? kept : written).push(path)
      if (there || dry) continue
      await mkdir(dirname(join(ports.dir, path)), { recursive: true })
      await writeFile(join(ports.dir, path), content, { flag: 'wx' })
    }
    const own = join(ports.dir, '.tuesday/cli.mjs')
    const self = process.argv[1] ?? ''
    if (basename(self) === 'cli.mjs' && resolve(self) !== own) {
      const there = await exists(own)
      ;(there ? kept : written).push('.tuesday/cli.mjs')
      if (!there && !dry) {
        await mkdir(dirname(own), { recursive: true })
        await copyFile(self, own, constants.COPYFILE_EXCL)
      }
    }
    const decide = [...conclusion.decide].map(([place, why]) => ({ place, why }))
    return { exit: 0, text: told({ written, kept, decide, dry }), data: { written, kept, decide } }
  },
}

interface Told {
  readonly written: readonly string[]
  readonly kept: readonly string[]
  readonly decide: readonly { readonly place: string; readonly why: string }[]
  readonly dry: boolean
}

function told({ written, kept, decide, dry }: Told): string {
  return [
    ...written.map((path) => `${dry ? 'would write' : 'wrote'}  ${path}`),
    ...kept.map((path) => `kept   ${path}`),
    '',
    ...(kept.includes('tuesday.yaml') || decide.length === 0
      ? []
      : [
          'A person has to decide, in tuesday.yaml:',
          ...decide.map(({ place, why }) => `  ${place}: ${why}`),
          '',
        ]),
    'Next: set the secrets KUBECONFIG, DATABASE_URL and GITOPS_TOKEN, then `node .tuesday/cli.mjs plan`.',
  ].join('\n')
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

async function remoteOf({ exec, env, dir, signal }: CliPorts): Promise<string | undefined> {
  const answer = await exec('git', ['-C', dir, 'remote', 'get-url', 'origin'], {
    env,
    signal,
    timeoutMs: 10_000,
  }).catch(() => undefined)
  return answer?.code === 0 ? answer.stdout.trim() : undefined
}
