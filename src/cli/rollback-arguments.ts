import { parse } from './command.ts'

export interface RollbackWish {
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
}

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
} as const

/** What the command line asks for, or what is wrong with it. Pure. */
export function readWish(args: readonly string[]): RollbackWish | string {
  const read = parse(args, options)
  if (!read.ok) return read.why
  const { values, positionals } = read
  if (positionals.length > 0) return `What is ${positionals.join(' ')}?`
  const { reason, region = [], digest, to, person, git, kubeconfig } = values
  if (reason === undefined || reason.trim() === '') return '--reason is missing.'
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    return `${digest} is no digest (sha256: and 64 hex digits).`
  if (to !== undefined && !/^r[1-9][0-9]*$/.test(to)) return `${to} is no release, e.g. r7.`
  return {
    config: values.config,
    regions: region.length === 0 || region.includes('all') ? 'all' : region,
    person,
    reason,
    fast: values.fast,
    ...(digest === undefined ? {} : { digest }),
    ...(to === undefined ? {} : { to }),
    ...(git === undefined ? {} : { git }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  }
}
