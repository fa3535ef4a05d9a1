import { type CommitSha, type Exec, err, type Fault, type Result } from '../release/index.ts'
import { imageAutomation, undone } from './automation.ts'
import { gitFailure, gitFault } from './git/faults.ts'
import { listFiles, readTexts, type TreeEntry } from './git/objects.ts'
import { type Git, gitRunner } from './git/run.ts'
import { checkChanges, checkPaths } from './paths.ts'
import type { FileChange } from './repo.ts'

export interface EnvironmentSource {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** A local clone of the service repository; nothing but its objects is read, so its work tree may be dirty. */
  readonly dir: string
  /** The commit that chart and values come from. */
  readonly commit: CommitSha
  /** Folder of the chart in the service repository. */
  readonly chart: string
  /** File of the service repository that becomes `<path>/values.yaml`. */
  readonly values: string
  /** Folder of the environment in the GitOps repository. */
  readonly path: string
  /** The pins file of the environment in the GitOps repository: never written here. */
  readonly pins: string
  /** What stands below `path` now: the snapshot's files of `<path>/`. */
  readonly present: ReadonlyMap<string, string>
  /** Bound of one call of git, 60 s when absent. */
  readonly timeoutMs?: number
}

/**
 * Chart and values of one commit as changes of an environment's folder: the chart whole, the values beside it,
 * only what differs, and what is no longer in the chart goes. The pins stay as they are.
 */
export async function environmentFiles(source: EnvironmentSource): Promise<Result<readonly FileChange[]>> {
  const [chart, path] = [source.chart, source.path].map((folder) => folder.replace(/\/+$/, '')) as [
    string,
    string,
  ]
  const checked = checkPaths([chart, source.values, path, source.pins])
  if (!checked.ok) return checked
  const { exec, env, dir, timeoutMs = 60_000, signal } = source
  const git = gitRunner({ exec, env, timeoutMs, dir })
  const present = await commitIsHere(git, source)
  if (!present.ok) return present

  const listed = await listFiles(git, source.commit, [chart, source.values], signal)
  if (!listed.ok) return listed
  const inChart = listed.value.filter((entry) => entry.path.startsWith(`${chart}/`))
  const values = listed.value.find((entry) => entry.path === source.values)
  if (!inChart.some((entry) => entry.path === `${chart}/Chart.yaml`)) {
    return err(missing(source, chart, inChart.length === 0 ? 'no such folder' : 'no Chart.yaml in it'))
  }
  if (values === undefined) return err(missing(source, source.values, 'no such file'))

  const targets = new Map<string, TreeEntry>()
  for (const entry of inChart) targets.set(`${path}/${entry.path.slice(chart.length + 1)}`, entry)
  const displaced = targets.get(`${path}/values.yaml`)
  if (displaced !== undefined && displaced.oid !== values.oid) return err(displacing(source, displaced.path))
  targets.set(`${path}/values.yaml`, values)
  targets.delete(source.pins)

  const texts = await readTexts(git, [...targets.values()], signal)
  if (!texts.ok) return texts
  const made = new Map([...targets].map(([target, entry]) => [target, texts.value.get(entry.path) ?? '']))
  const [other, ...others] = imageAutomation(made)
  if (other !== undefined) return err(undone([other, ...others]))
  const written = [...targets].flatMap(([target, entry]): FileChange[] => {
    const text = texts.value.get(entry.path) ?? ''
    return source.present.get(target) === text ? [] : [{ path: target, text }]
  })
  const gone = [...source.present.keys()].filter(
    (file) => file.startsWith(`${path}/`) && file !== source.pins && !targets.has(file),
  )
  return checkChanges([...gone.map((file): FileChange => ({ path: file, delete: true })), ...written])
}

/** A checkout has one commit unless it is told otherwise, and a partial clone must not fetch behind our back. */
async function commitIsHere(git: Git, { commit, dir, signal }: EnvironmentSource): Promise<Result<unknown>> {
  const found = await git(['cat-file', '-e', `${commit}^{tree}`], { signal })
  if (!found.ok || found.value.code === 0) return found
  const shallow = await git(['rev-parse', '--is-shallow-repository'], { signal })
  if (!shallow.ok) return shallow
  if (shallow.value.code !== 0)
    return err(gitFault(`Reading ${dir}`, gitFailure(shallow.value), shallow.value))
  return err(noCommit(commit, shallow.value.stdout.trim() === 'true'))
}

function noCommit(commit: CommitSha, shallow: boolean): Fault {
  return {
    blame: 'user',
    reason: 'config-commit-missing',
    cause: `The local clone of the service repository does not have commit ${commit}.`,
    likely: shallow
      ? 'It is a shallow clone: actions/checkout fetches one commit unless fetch-depth: 0 is set.'
      : 'The commit was never pushed, or is of another repository.',
    next: shallow
      ? 'Set fetch-depth: 0 on the checkout of the job.'
      : `Fetch the branch that holds ${commit}, then run again.`,
  }
}

function missing({ commit }: EnvironmentSource, path: string, what: string): Fault {
  return {
    blame: 'user',
    reason: 'chart-missing',
    cause: `${path} cannot be copied from commit ${commit}: ${what}.`,
    likely:
      'gitops.chart or gitops.values of tuesday.yaml is misspelt, or the folder was moved after that commit.',
    next: 'Correct the path in tuesday.yaml, and propose a release of a commit that has it.',
    at: { file: path },
  }
}

function displacing({ values }: EnvironmentSource, file: string): Fault {
  return {
    blame: 'user',
    reason: 'chart-values-displaced',
    cause: `The chart has ${file}, and ${values} would take its place.`,
    likely:
      'Helm reads values.yaml of a chart as its defaults; in the environment that name holds the values of the environment.',
    next: `Move the defaults of ${file} into the templates or into each values file, and delete it from the chart.`,
    at: { file },
  }
}
