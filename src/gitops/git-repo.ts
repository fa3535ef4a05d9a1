import {
  type CommitSha,
  type Exec,
  err,
  type Fault,
  ok,
  parseCommitSha,
  type Result,
} from '../release/index.ts'
import { badAddress, lostAnswer, noSuchCommits, notSha1 } from './faults.ts'
import { gitFailure, gitFault } from './git/faults.ts'
import { type Author, fastImport } from './git/import.ts'
import { gitMarks } from './git/marks.ts'
import { listFiles, readTexts } from './git/objects.ts'
import { type GitAnswer, gitRunner } from './git/run.ts'
import type { GitOpsMarks } from './marks.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { checkChanges, checkPaths, isAsked } from './paths.ts'
import type { CommitOutcome, FileChange, GitOpsRepo, Snapshot } from './repo.ts'

export interface GitRepoOptions {
  readonly exec: Exec
  /** `https://`, `ssh://`, `git@host:path`, `file://` or a path. Never with a password: it would stand in every log. */
  readonly url: string
  readonly branch: string
  /**
   * A folder of this process alone, made when it is absent. It holds one commit and the files that were read; two
   * processes in it would meet each other's locks, and so would the one after a process that was killed.
   */
  readonly cacheDir: string
  readonly author: Author
  /** The whole environment of git: PATH, HOME, and credentials by helper, askpass or GIT_CONFIG_*. */
  readonly env: Readonly<Record<string, string>>
  /** Bound of one call of git, 60 s when absent. */
  readonly timeoutMs?: number
}

interface Change {
  readonly parent: CommitSha
  readonly message: string
  readonly files: readonly FileChange[]
}

/** A push that meets a lock of the server is sent again this often; each try takes a round trip. */
const busyTries = 3

/**
 * The branch over plain Git, without a work tree: works wherever a push does, also while GitHub's API does not.
 * The compare-and-swap is the push itself, with the parent as lease.
 */
export function gitRepo(options: GitRepoOptions): GitOpsRepo & GitOpsMarks {
  const { exec, env, url, branch, cacheDir, timeoutMs = 60_000 } = options
  const run = gitRunner({ exec, env, timeoutMs, dir: cacheDir })
  const tracked = `refs/remotes/origin/${branch}`
  const remote = ['-c', `remote.origin.url=${url}`]
  const texts = new Map<string, string>()
  let prepared = false
  let fetched = false
  /** Nothing is missing below the commits that are here. */
  let whole = false
  let imports = 0

  /** Exit codes other than 0 become faults. */
  async function git(
    what: string,
    args: readonly string[],
    signal: AbortSignal,
    stdin?: string | Uint8Array,
  ): Promise<Result<string>> {
    const answer = await run(args, { signal, ...(stdin === undefined ? {} : { stdin }) })
    if (!answer.ok) return answer
    return answer.value.code === 0
      ? ok(answer.value.stdout)
      : err(gitFault(what, gitFailure(answer.value), answer.value))
  }

  async function prepare(signal: AbortSignal): Promise<Result<unknown>> {
    const bad = badAddress(url, branch)
    if (bad !== undefined) return err(bad)
    if (prepared) return ok(undefined)
    const args = ['init', '--quiet', '--bare', '--template=', '--', cacheDir]
    const made = await gitRunner({ exec, env, timeoutMs, dir: '.' })(args, { signal })
    if (made.ok && made.value.code !== 0)
      return err(gitFault(`Making ${cacheDir}`, 'cache-broken', made.value))
    prepared = made.ok
    return made
  }

  async function fetchHead(signal: AbortSignal): Promise<Result<CommitSha>> {
    const ready = await prepare(signal)
    if (!ready.ok) return ready
    // Only the newest commit, and of it only the trees: the ledger of a year is not carried through each run.
    const depth = fetched ? [] : ['--depth=1']
    const refspec = `+refs/heads/${branch}:${tracked}`
    const args = [...remote, ...fetchArgs, '--filter=blob:none', ...depth, 'origin', refspec]
    const fetching = await git(`Fetching ${branch} of ${url}`, args, signal)
    if (!fetching.ok) return fetching
    fetched = true
    const parsed = await git('Reading the head', ['rev-parse', '--verify', tracked], signal)
    if (!parsed.ok) return parsed
    const head = parseCommitSha(parsed.value.trim())
    return head === undefined ? err(notSha1(url)) : ok(head)
  }

  async function read(paths: readonly string[], signal: AbortSignal): Promise<Result<Snapshot>> {
    const checked = checkPaths(paths)
    if (!checked.ok) return checked
    const head = await fetchHead(signal)
    if (!head.ok || paths.length === 0) return head.ok ? ok({ head: head.value, files: new Map() }) : head
    const listed = await listFiles(run, head.value, paths, signal)
    if (!listed.ok) return listed
    const entries = listed.value.filter(({ path }) => isAsked(paths, path))
    const missing = new Set(entries.map(({ oid }) => oid).filter((oid) => !texts.has(oid)))
    if (missing.size > 0) await prefetch(missing, signal)
    const files = await readTexts(run, entries, signal, texts)
    return files.ok ? ok({ head: head.value, files: files.value }) : files
  }

  /** All missing files in one round trip. Should that fail, reading them says why, or fetches them one by one. */
  async function prefetch(oids: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const config = [...remote, '-c', 'fetch.negotiationAlgorithm=noop']
    const args = [...config, ...fetchArgs, '--filter=blob:none', '--stdin', 'origin']
    await run(args, { signal, stdin: `${[...oids].join('\n')}\n` })
  }

  async function commit(change: Change, signal: AbortSignal): Promise<Result<CommitOutcome>> {
    const checked = checkChanges(change.files)
    if (!checked.ok) return checked
    const ready = await prepare(signal)
    if (!ready.ok) return ready
    // Of a commit that this process never read, nothing is here to build on.
    const present = fetched ? await run(['cat-file', '-e', `${change.parent}^{tree}`], { signal }) : undefined
    if (present?.ok !== true || present.value.code !== 0) {
      const head = await fetchHead(signal)
      if (!head.ok) return head
      if (head.value !== change.parent) return ok({ kind: 'conflict', head: head.value })
    }
    const built = await build(change, signal)
    if (!built.ok) return built
    if (built.value === change.parent) return unchanged(change.parent, signal)
    return push(change.parent, built.value, signal)
  }

  /** Makes the commit here; `parent` itself when the changes change nothing. */
  async function build(change: Change, signal: AbortSignal): Promise<Result<CommitSha>> {
    imports += 1
    const ref = `refs/tuesday/${imports}`
    const flags = ['--quiet', '--force', '--done', '--date-format=now']
    const stdin = fastImport(ref, change, options.author)
    const imported = await git('Building the commit', [...remote, 'fast-import', ...flags], signal, stdin)
    if (!imported.ok) return imported
    const made = parseCommitSha(imported.value.trim())
    if (made === undefined) return err(notSha1(url))
    const trees = await git(
      'Comparing trees',
      ['rev-parse', `${made}^{tree}`, `${change.parent}^{tree}`],
      signal,
    )
    if (!trees.ok) return trees
    const [after, before] = trees.value.split('\n')
    return ok(after === before ? change.parent : made)
  }

  /** Running twice does nothing the second time, and says so only while the branch still stands there. */
  async function unchanged(parent: CommitSha, signal: AbortSignal): Promise<Result<CommitOutcome>> {
    const head = await fetchHead(signal)
    if (!head.ok) return head
    return ok(
      head.value === parent ? { kind: 'committed', commit: parent } : { kind: 'conflict', head: head.value },
    )
  }

  async function push(
    parent: CommitSha,
    made: CommitSha,
    signal: AbortSignal,
  ): Promise<Result<CommitOutcome>> {
    const lease = `--force-with-lease=refs/heads/${branch}:${parent}`
    const flags = ['push', '--porcelain', '--no-verify', '--no-signed', lease]
    for (let attempt = 1; ; attempt += 1) {
      const pushed = await run([...remote, ...flags, 'origin', `${made}:refs/heads/${branch}`], { signal })
      if (pushed.ok && pushed.value.code === 0) return ok({ kind: 'committed', commit: made })
      const settled = await settle(parent, made, pushed, signal)
      if (settled !== 'unmoved') return settled
      if (!pushed.ok) return pushed
      const failure = gitFailure(pushed.value)
      if (failure !== 'busy' || attempt === busyTries)
        return err(gitFault(`Pushing to ${branch} of ${url}`, failure, pushed.value))
    }
  }

  /**
   * What a push that did not succeed has left behind. Its answer may have been lost after the server took the
   * commit, and someone else may have gone on from there: only the history of the branch tells.
   */
  async function settle(
    parent: CommitSha,
    made: CommitSha,
    pushed: Result<GitAnswer>,
    signal: AbortSignal,
  ): Promise<Result<CommitOutcome> | 'unmoved'> {
    const lost = (later: Fault) =>
      lostAnswer(`Commit ${made}`, pushed.ok ? 'the push failed.' : pushed.fault.cause, later)
    const head = await fetchHead(signal)
    if (!head.ok) return err(lost(head.fault))
    if (head.value === parent) return 'unmoved'
    if (head.value === made) return ok({ kind: 'committed', commit: made })
    // A refusal that names the moved branch is certain; any other outcome has to be looked up.
    if (pushed.ok && gitFailure(pushed.value) === 'moved') return ok({ kind: 'conflict', head: head.value })
    const contained = await isAncestor(made, head.value, signal)
    if (!contained.ok) return err(lost(contained.fault))
    return ok(contained.value ? { kind: 'committed', commit: made } : { kind: 'conflict', head: head.value })
  }

  async function isAncestor(
    ancestor: CommitSha,
    descendant: CommitSha,
    signal: AbortSignal,
  ): Promise<Result<boolean>> {
    if (ancestor === descendant) return ok(true)
    const args = ['merge-base', '--is-ancestor', ancestor, descendant]
    // What lies below a commit never changes: only a commit that is not here yet asks the server again.
    const known = whole ? await run(args, { signal }) : undefined
    if (known?.ok === true && known.value.code <= 1) return ok(known.value.code === 0)
    const history = await fetchHistory(signal)
    if (!history.ok) return history
    whole = true
    const answer = await run([...remote, ...args], { signal })
    if (!answer.ok) return answer
    if (answer.value.code <= 1) return ok(answer.value.code === 0)
    for (const sha of [ancestor, descendant]) {
      const present = await run([...remote, 'cat-file', '-e', `${sha}^{commit}`], { signal })
      if (!present.ok) return present
      if (present.value.code !== 0) return err(noSuchCommits(url, [sha]))
    }
    return err(gitFault('Comparing commits', gitFailure(answer.value), answer.value))
  }

  /** The newest commit, and all that `--depth=1` left out, without trees: a cut history would answer "no" to everything. */
  async function fetchHistory(signal: AbortSignal): Promise<Result<unknown>> {
    if (!fetched) {
      const head = await fetchHead(signal)
      if (!head.ok) return head
    }
    const shallow = await git('Reading the history', ['rev-parse', '--is-shallow-repository'], signal)
    if (!shallow.ok) return shallow
    if (shallow.value.trim() !== 'true') return fetchHead(signal)
    const refspec = `+refs/heads/${branch}:${tracked}`
    const args = [...remote, ...fetchArgs, '--filter=tree:0', '--unshallow', 'origin', refspec]
    return git(`Fetching the history of ${url}`, args, signal)
  }

  // One folder: two calls of git that fetch at once would meet each other's locks.
  const turn = oneAtATime()
  const beside = gitMarks(run, url)
  async function marked<T>(signal: AbortSignal, step: () => Promise<Result<T>>): Promise<Result<T>> {
    const ready = await prepare(signal)
    return ready.ok ? step() : ready
  }
  return {
    read: (paths, signal) => turn(() => read(paths, signal)),
    commit: (change, signal) => turn(() => commit(change, signal)),
    isAncestor: (ancestor, descendant, signal) => turn(() => isAncestor(ancestor, descendant, signal)),
    marks: (prefix, signal) => turn(() => marked(signal, () => beside.marks(prefix, signal))),
    setMark: (mark, signal) => turn(() => marked(signal, () => beside.setMark(mark, signal))),
  }
}

const fetchArgs = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
] as const
