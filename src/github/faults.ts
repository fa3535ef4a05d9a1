import type { Fault, ReasonCode } from '../release/index.ts'

export interface GitHubFault extends Fault {
  /** HTTP status, where there was an answer. */
  readonly status?: number
  /** `type` of the first GraphQL error: STALE_DATA, NOT_FOUND, FORBIDDEN, UNPROCESSABLE, … */
  readonly graphql?: string
  /** True when a write may have been carried out although there is no good answer. */
  readonly ambiguous: boolean
}

interface Failure {
  readonly what: string
  readonly status?: number | undefined
  readonly graphql?: string | undefined
  readonly words: string
  readonly limitedUntil?: Date | undefined
}

export function gitHubFault(failure: Failure): GitHubFault {
  const { what, status, graphql, words, limitedUntil } = failure
  const { blame, reason, likely, next } =
    limitedUntil === undefined ? meaning(failure) : limited(limitedUntil)
  const answered =
    status === undefined
      ? words
      : `GitHub answered ${status === 200 ? (graphql ?? 'an error') : status}: ${words}`
  return {
    blame,
    reason,
    cause: `${what} failed: ${shortened(answered)}.`,
    likely,
    next,
    ...(status === undefined ? {} : { status }),
    ...(graphql === undefined ? {} : { graphql }),
    ambiguous: limitedUntil === undefined && (status === undefined || status >= 500),
  }
}

export function cancelledFault(what: string): GitHubFault {
  return {
    blame: 'world',
    reason: 'cancelled',
    cause: `${what} was cut off because the run was cancelled.`,
    next: 'Run the action again; it goes on from what GitHub holds.',
    ambiguous: true,
  }
}

/** An answer whose shape is not GitHub's: a login page of a proxy, or a server that only looks like it. */
export function unreadableFault(what: string, why: string): GitHubFault {
  return {
    blame: 'world',
    reason: 'github-answer-unreadable',
    cause: `${what} failed: the answer is not what GitHub documents (${shortened(why)}).`,
    likely: 'A proxy answered in its place, or the server is an older GitHub Enterprise Server.',
    next: 'Check GITHUB_API_URL and the proxy of the runner.',
    ambiguous: true,
  }
}

/** A list that was cut would read as if the rest did not exist. */
export function tooManyFault(what: string, limit: number): GitHubFault {
  return {
    blame: 'world',
    reason: 'github-refused',
    cause: `${what} has more than the ${limit} items that are read.`,
    next: 'Remove what is no longer needed on GitHub, and run again.',
    ambiguous: false,
  }
}

interface Meaning {
  readonly blame: Fault['blame']
  readonly reason: ReasonCode
  readonly likely: string
  readonly next: string
}

function meaning({ status, graphql, words }: Failure): Meaning {
  if (status === 401) {
    return {
      blame: 'user',
      reason: 'credentials-expired',
      likely: 'An App token lives one hour, the token of a job as long as the job.',
      next: 'Make the token in the job that uses it, and run again.',
    }
  }
  if (status === 403 || graphql === 'FORBIDDEN' || graphql === 'INSUFFICIENT_SCOPES') {
    return {
      blame: 'user',
      reason: 'permission-denied',
      likely: 'The token has no right to this repository, or not this one.',
      next: 'Give the job or the App the permission that GitHub names, and run again.',
    }
  }
  if (status === 404 || graphql === 'NOT_FOUND') {
    return {
      blame: 'user',
      reason: 'github-missing',
      likely: 'The name is misspelt, or the token may not see it: GitHub answers the same to both.',
      next: 'Check the name in tuesday.yaml and the repositories of the App.',
    }
  }
  if (status === undefined || status >= 500) {
    return {
      blame: 'world',
      reason: 'network-unreachable',
      likely: 'GitHub has a disturbance, or the runner has no route to it.',
      next: 'Try again; www.githubstatus.com tells of disturbances.',
    }
  }
  const rule =
    /protected|rule violation|required status check|must be made through a pull request|signature/i.test(
      words,
    )
  return {
    blame: 'user',
    reason: rule ? 'gitops-rejected' : 'github-refused',
    likely: rule
      ? 'A ruleset or branch protection binds this token.'
      : 'The request does not fit the state of the repository.',
    next: rule
      ? 'Let the release App bypass the rule that GitHub names.'
      : 'Read what GitHub says, correct it, and run again.',
  }
}

function limited(until: Date): Meaning {
  return {
    blame: 'world',
    reason: 'github-rate-limited',
    likely:
      'Many jobs share one token: 1,000 requests an hour for the token of a job, 5,000 and more for an App.',
    next: `Run again after ${until.toISOString()}, or use an App of its own for the release train.`,
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '')
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
