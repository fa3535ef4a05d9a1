import type { Flaw } from '../flaws.ts'
import type { MatchRun } from '../match/match.ts'
import { globMatcher } from '../policy/glob.ts'
import { toolIs } from '../policy/judge.ts'
import type { Policy } from '../policy/schema.ts'
import type { ReadRun } from '../read/types.ts'

/** Files that pin dependencies and that the dependency scanners read. */
const lockfiles = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'go.mod',
  'Cargo.lock',
  'poetry.lock',
  'uv.lock',
  'pdm.lock',
  'Pipfile.lock',
  'requirements.txt',
  'Gemfile.lock',
  'composer.lock',
  'gradle.lockfile',
  'pom.xml',
  'packages.lock.json',
  'mix.lock',
  'pubspec.lock',
])

/** What is in the tree and in no run, and runs that looked at nothing or at far less than before. */
export function coverageFlaws(
  runs: readonly ReadRun[],
  tree: readonly string[],
  policy: Policy,
  baseline: readonly (MatchRun & { readonly scanned?: number })[],
): readonly Flaw[] {
  return [
    ...lockfileFlaws(runs, tree, policy),
    ...languageFlaws(runs, tree, policy),
    ...countFlaws(runs, policy, baseline),
  ]
}

/** Only where a tool of dependencies ran: together all of them have to know every lockfile. */
function lockfileFlaws(runs: readonly ReadRun[], tree: readonly string[], policy: Policy): readonly Flaw[] {
  const scanners = runs.filter(({ dependencies }) => dependencies === true)
  if (scanners.length === 0) return []
  const seen = new Set(scanners.flatMap(({ sources }) => sources ?? []))
  const ignored = policy['ignore-lockfiles'].map(globMatcher)
  const left = tree.filter((file) => {
    const name = file.slice(file.lastIndexOf('/') + 1)
    return lockfiles.has(name) && !seen.has(file) && !ignored.some((matches) => matches(file))
  })
  if (left.length === 0) return []
  const tools = [...new Set(scanners.map(({ tool }) => tool))].join(', ')
  return [
    {
      code: 'not-covered',
      about: tools,
      says: `${some(left)} ${left.length === 1 ? 'is' : 'are'} in the tree and in no report of ${tools}.`,
      next: 'Let osv-scanner write all packages (--all-packages), or list files that need no scan under ignore-lockfiles.',
    },
  ]
}

function languageFlaws(runs: readonly ReadRun[], tree: readonly string[], policy: Policy): readonly Flaw[] {
  return policy.coverage.flatMap(({ when, tool, category }) => {
    const matches = globMatcher(when)
    const example = tree.find(matches)
    if (example === undefined) return []
    const fits = category === undefined ? () => true : globMatcher(`/${category}`)
    const covered = runs.some(
      (run) => toolIs(run.tool, tool) && fits((run.category ?? '').replace(/^\//, '')),
    )
    if (covered) return []
    const what = category === undefined ? tool : `${tool} of category ${category}`
    const says = `${example} is in the tree, and there is no run of ${what}, which the policy asks for.`
    return [
      {
        code: 'not-covered' as const,
        about: tool,
        says,
        next: 'Add that scan, or take the line out of `coverage`.',
      },
    ]
  })
}

function countFlaws(
  runs: readonly ReadRun[],
  policy: Policy,
  baseline: readonly (MatchRun & { readonly scanned?: number })[],
): readonly Flaw[] {
  return runs.flatMap((run): readonly Flaw[] => {
    const { tool, scanned } = run
    if (scanned === undefined || run.flaws.some(({ code }) => code === 'nothing-scanned')) return []
    const next = 'Check the paths and excludes of the scan.'
    if (scanned === 0 && run.raw === undefined) {
      return [{ code: 'nothing-scanned', about: tool, says: `${tool} has looked at no file.`, next }]
    }
    const before = baseline.find((one) => toolIs(one.tool, tool) && one.category === run.category)?.scanned
    const drop = policy['scanned-drop-percent']
    if (before === undefined || scanned >= before * (1 - drop / 100)) return []
    const says = `${tool} has looked at ${scanned} files, and at ${before} for the baseline: more than ${drop} % less.`
    return [{ code: 'scanned-less', about: tool, says, next }]
  })
}

function some(files: readonly string[]): string {
  const more = files.length > 5 ? ` and ${files.length - 5} more` : ''
  return `${files.slice(0, 5).join(', ')}${more}`
}
