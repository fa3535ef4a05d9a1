import type { Fault, ReasonCode } from '../../release/index.ts'
import type { GitAnswer } from './run.ts'

/** What a failed call of git means, by the words git and the large servers use under LC_ALL=C. */
export type GitFailure =
  | 'branch-missing'
  | 'repository-missing'
  | 'permission'
  | 'rejected'
  | 'moved'
  | 'busy'
  | 'cache-broken'
  | 'unreachable'

/** In this order: the first that fits. A push reports the reason of the server, so the local cache comes last. */
const signs: readonly (readonly [GitFailure, RegExp])[] = [
  ['branch-missing', /couldn't find remote ref/i],
  // send-pack: the lease or the old value did not fit, or the server saw another value under its lock.
  [
    'moved',
    /\((?:stale info|fetch first|non-fast-forward|needs force|incorrect old value provided|reference already exists)\)|is at [0-9a-f]{40} but expected/i,
  ],
  ['busy', /\[remote rejected\].*(?:cannot lock ref|failed to update ref|unable to create|failed to lock)/i],
  ['rejected', /\[remote rejected\]|hook declined|protected branch|GH006|GH013|pre-receive/i],
  [
    'permission',
    /authentication failed|could not read (?:username|password)|permission denied|permission to .* denied|access denied|write access .* not granted|terminal prompts disabled|invalid username or|(?:error|status)[: ]+40[13]\b|host key verification failed|unable to write|insufficient permission|dubious ownership/i,
  ],
  [
    'repository-missing',
    /repository .*not found|does not appear to be a git repository|(?:error|status)[: ]+404\b|project you were looking for could not be found/i,
  ],
  [
    'cache-broken',
    /(?:^|\n)(?:fatal|error): .*(?:\.lock': File exists|not a git repository|is corrupt|inflate|loose object|bad object)/i,
  ],
]

export function gitFailure({ stdout, stderr }: Pick<GitAnswer, 'stdout' | 'stderr'>): GitFailure {
  const words = `${stdout}\n${stderr}`
  return signs.find(([, sign]) => sign.test(words))?.[0] ?? 'unreachable'
}

/** Git repeats the URL in its errors, and a helper may have put a password there. */
export function redact(text: string): string {
  return text.replace(/\/\/[^/\s@]*@/g, '//***@').replace(/(authorization:\s*)\S+(?:\s+\S+)?/gi, '$1***')
}

interface Words {
  readonly blame: Fault['blame']
  readonly reason: ReasonCode
  readonly likely: string
  readonly next: string
}

const words: { readonly [failure in GitFailure]: Words } = {
  'branch-missing': {
    blame: 'user',
    reason: 'gitops-branch-missing',
    likely: 'gitops.branch of tuesday.yaml is misspelt, or the branch was never pushed.',
    next: 'Correct gitops.branch, or push the branch once with any commit.',
  },
  'repository-missing': {
    blame: 'user',
    reason: 'gitops-repository-missing',
    likely:
      'gitops.repository is misspelt, or the token has no access to it: servers answer the same to both.',
    next: 'Correct gitops.repository of tuesday.yaml, or give the App access to that repository.',
  },
  permission: {
    blame: 'user',
    reason: 'permission-denied',
    likely: 'The token has no contents:write on the GitOps repository, or has expired.',
    next: 'Give the App or deploy key write access to the GitOps repository and run again.',
  },
  rejected: {
    blame: 'user',
    reason: 'gitops-rejected',
    likely: 'A ruleset wants reviews or signatures, and the release App is not among its bypass actors.',
    next: 'Let the release App bypass the ruleset of this branch; the words of the server say which rule it was.',
  },
  moved: {
    blame: 'world',
    reason: 'gitops-conflict',
    likely: 'Another train writes the same branch.',
    next: 'Run again: the decision is made anew from what the branch holds.',
  },
  busy: {
    blame: 'world',
    reason: 'gitops-conflict',
    likely: 'The server holds a lock on the branch, for another push or left over from one that died.',
    next: 'Run again; if it stays so, the administrator of the server has to remove the lock.',
  },
  'cache-broken': {
    blame: 'world',
    reason: 'gitops-cache-broken',
    likely: 'A process that used the same folder was killed.',
    next: 'Remove the folder, or give each run a fresh one, and run again.',
  },
  unreachable: {
    blame: 'world',
    reason: 'gitops-unreachable',
    likely: 'The server is down, or the runner has no route to it.',
    next: 'Try again; if it stays so, check the address and the network of the runner.',
  },
}

export function gitFault(
  what: string,
  failure: GitFailure,
  answer: Pick<GitAnswer, 'stdout' | 'stderr'>,
): Fault {
  const { blame, reason, likely, next } = words[failure]
  return { blame, reason, cause: `${what} failed: ${spoken(answer)}.`, likely, next }
}

/** The server's own words, short: its `remote:` lines and git's errors, without the noise between. */
function spoken({ stdout, stderr }: Pick<GitAnswer, 'stdout' | 'stderr'>): string {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.replace(/\t/g, ' ').trim())
    .filter(
      (line) => /^(?:!|fatal:|error:|remote:\s*\S|ssh:)/.test(line) && !/failed to push some refs/.test(line),
    )
  const text = (lines.length === 0 ? [stderr.trim().split('\n').at(-1) ?? ''] : lines).join('; ')
  return text === ''
    ? 'git gave no reason'
    : text.length > 400
      ? `${text.slice(0, 400)}…`
      : text.replace(/\.$/, '')
}
