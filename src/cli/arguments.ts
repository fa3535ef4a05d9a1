import { parseArgs } from 'node:util'

export interface RollbackWish {
  readonly do: 'rollback'
  readonly config: string
  readonly regions: 'all' | readonly string[]
  readonly digest?: string
  readonly to?: string
  readonly person: string | undefined
  readonly reason: string
  readonly fast: boolean
  /** Git URL to read the ledger from and to push to. */
  readonly git?: string
  readonly kubeconfig?: string
  readonly json: boolean
}

export type Wish = RollbackWish | { readonly do: 'tell'; readonly text: string; readonly bad: boolean }

export const usage = `Usage: node cli.mjs rollback --reason TEXT [options]

Brings every region that runs a bad release back to the last one verified there, without GitHub: it needs this clone
of the service repository, a kubeconfig and the Git remote of the GitOps repository.

  --reason TEXT      why, for the ledger
  --region NAME      only this region; may be given more than once (default: all that run the release)
  --digest DIGEST    the bad digest (default: the newest release that a region runs)
  --to RELEASE       go back to this release, e.g. r7
  --fast             all regions at the same time
  --person NAME      who asks for it (default: the user name of this machine)
  --git URL          Git URL of the GitOps repository (default: from tuesday.yaml)
  --kubeconfig PATH  default: the variable KUBECONFIG, then ~/.kube/config
  --config PATH      default: tuesday.yaml
  --json             the answer as one line of JSON

Ends with 0 when every region serves its target, 1 when not, 2 when it was called wrongly.`

const options = {
  reason: { type: 'string' },
  region: { type: 'string', multiple: true },
  digest: { type: 'string' },
  to: { type: 'string' },
  fast: { type: 'boolean', default: false },
  person: { type: 'string' },
  git: { type: 'string' },
  kubeconfig: { type: 'string' },
  config: { type: 'string', default: 'tuesday.yaml' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const wrong = (why: string): Wish => ({ do: 'tell', text: `${why}\n\n${usage}`, bad: true })

/** What the command line asks for. Pure. */
export function ask(args: readonly string[]): Wish {
  const read = parse(args)
  if (typeof read === 'string') return wrong(read)
  const { values, positionals } = read
  if (values.help) return { do: 'tell', text: usage, bad: false }
  const [command, ...more] = positionals
  if (command !== 'rollback') return wrong(command === undefined ? 'No command.' : `No command ${command}.`)
  if (more.length > 0) return wrong(`What is ${more.join(' ')}?`)
  const { reason, region = [], digest, to, person, git, kubeconfig } = values
  if (reason === undefined || reason.trim() === '') return wrong('--reason is missing.')
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    return wrong(`${digest} is no digest (sha256: and 64 hex digits).`)
  if (to !== undefined && !/^r[1-9][0-9]*$/.test(to)) return wrong(`${to} is no release, e.g. r7.`)
  return {
    do: 'rollback',
    config: values.config,
    regions: region.length === 0 || region.includes('all') ? 'all' : region,
    person,
    reason,
    fast: values.fast,
    json: values.json,
    ...(digest === undefined ? {} : { digest }),
    ...(to === undefined ? {} : { to }),
    ...(git === undefined ? {} : { git }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
