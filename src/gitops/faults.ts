import type { CommitSha, Fault } from '../release/index.ts'

/** An address that git would take for an option, a program or a place to show a password. */
export function badAddress(url: string, branch: string): Fault | undefined {
  const usable =
    /^(?:https?|ssh|git|file):\/\/[^\s]+$|^[\w.-]+@[\w.-]+:[^\s]+$|^\.{0,2}\/[^\0\n]+$|^[A-Za-z]:[\\/]/.test(
      url,
    )
  const secret = /^[a-z+]+:\/\/[^/@\s]*:[^/@\s]*@/i.test(url)
  // The rules of git-check-ref-format that keep a name from being something else.
  const named = /^(?![./-])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[^\0-\x20\x7f~^:?*[\\]+(?<![./])$/.test(
    branch,
  )
  if (usable && !secret && named) return undefined
  const what = secret
    ? 'carries a password'
    : usable
      ? `has no branch of the name ${JSON.stringify(branch)}`
      : 'is no Git URL'
  return {
    blame: 'user',
    reason: 'gitops-url-invalid',
    cause: `The address of the GitOps repository ${what}.`,
    likely: secret
      ? 'A token was put into the URL, where every log would show it.'
      : 'gitops of tuesday.yaml is misspelt.',
    next: secret
      ? 'Give the URL without it and the token through the environment of git.'
      : 'Correct gitops.repository or gitops.branch.',
  }
}

export function notSha1(url: string): Fault {
  return {
    blame: 'user',
    reason: 'gitops-url-invalid',
    cause: `${url} does not name its commits by 40 hex digits.`,
    likely: 'It is a repository in the SHA-256 format, which Argo CD does not read either.',
    next: 'Use a repository in the usual format.',
  }
}

export function missingBranch(owner: string, name: string, branch: string): Fault {
  return {
    blame: 'user',
    reason: 'gitops-branch-missing',
    cause: `${owner}/${name} has no branch ${branch} that this token can see.`,
    likely: 'gitops of tuesday.yaml is misspelt, the branch was never pushed, or the App has no access.',
    next: 'Correct gitops.repository and gitops.branch, or give the App access to the repository.',
  }
}

export function noSuchCommits(where: string, commits: readonly CommitSha[]): Fault {
  return {
    blame: 'user',
    reason: 'gitops-commit-missing',
    cause: `${where} does not have ${commits.join(' or ')}.`,
    likely: 'The history was rewritten, or the commit is of another repository.',
    next: 'Compare with the history of the branch; a rewritten ledger has to be restored first.',
  }
}

/** A write without a good answer, and then no way to look what it has left behind. */
export function lostAnswer(what: string, first: string, later: Fault): Fault {
  return {
    blame: 'world',
    reason: later.reason === 'cancelled' ? 'cancelled' : 'gitops-write-unknown',
    cause: `${what} may or may not stand on the branch: ${first} Then ${later.cause}`,
    likely: 'The connection broke between the commit and its answer.',
    next: 'Run again: the next run reads the branch and goes on from what stands there.',
  }
}

export function oddAnswer(why: string): Fault {
  return {
    blame: 'world',
    reason: 'github-answer-unreadable',
    cause: `GitHub's answer cannot be used: ${why}.`,
    likely: 'A proxy answered in its place, or the server is an older GitHub Enterprise Server.',
    next: 'Check GITHUB_API_URL and the proxy of the runner, or use the Git URL of the repository.',
  }
}

/** The same reason for the same matter, whichever way the branch is reached. */
export function ofRepo(fault: Fault): Fault {
  return fault.reason === 'network-unreachable' ? { ...fault, reason: 'gitops-unreachable' } : fault
}
