import { type Annotation, faultOutcome, runAction, type SummarySection } from '../../src/action/index.ts'
import type { CheckResult, Judged } from '../../src/findings/index.ts'
import type { Fault } from '../../src/release/index.ts'
import { action } from './action.ts'

const endings = {
  clean: { verdict: 'pass', reason: 'findings-clean' },
  findings: { verdict: 'fail', reason: 'findings-blocking', blame: 'user' },
  incomplete: { verdict: 'unknown', reason: 'findings-incomplete', blame: 'user' },
} as const

await runAction(action, async ({ inputs, runner, env, clock, exec, logger, signal }) => {
  const findings = await import('../../src/findings/index.ts')
  const reports = findings.parseReportLines(inputs.reports.join('\n'))
  if (!reports.ok) return faultOutcome(badLines('reports', reports.why))
  const baseLines = inputs['base-reports']
  const baseReports =
    baseLines === undefined
      ? { ok: true as const, value: [] }
      : findings.parseReportLines(baseLines.join('\n'))
  if (!baseReports.ok) return faultOutcome(badLines('base-reports', baseReports.why))

  const payload = runner.eventPath === undefined ? undefined : await readEvent(runner.eventPath)
  const commits = findings.commitsOf(runner.event, payload, runner.sha)
  const base = inputs.base ?? commits.base
  if (base === undefined && findings.needsBase(runner.event)) return faultOutcome(noBase(runner.event))

  const checked = await findings.checkFindings(
    { exec, env, signal, folder: runner.workspace },
    {
      reports: reports.value,
      baseReports: baseReports.value,
      requireTools: [
        ...new Set([...(inputs['require-tools'] ?? []), ...reports.value.map(({ tool }) => tool)]),
      ],
      policyFile: inputs.policy,
      policyFromHead: inputs['policy-from'] === 'head',
      judged: commits.judged,
      temp: runner.temp,
      today: clock.now(),
      ...(inputs.baseline === undefined ? {} : { baselineFile: inputs.baseline }),
      ...(base === undefined ? {} : { base }),
      ...(inputs['source-root'] === undefined ? {} : { sourceRoot: inputs['source-root'] }),
    },
  )
  if (!checked.ok) return faultOutcome(checked.fault)
  const { answer, sarifFolder, baselineOut, notes } = checked.value
  for (const note of notes) logger.notice(note)
  const count = (wanted: (one: Judged) => boolean) => answer.judged.filter(wanted).length
  const fresh = count(({ newness }) => newness !== 'known')
  const blocking = count(({ state }) => state === 'blocking')
  return {
    ...endings[answer.state],
    ...findings.messageOf(checked.value),
    data: findings.recordOf(checked.value),
    outputs: { state: answer.state, new: fresh, blocking, sarif: sarifFolder, baseline: baselineOut },
    annotations: annotationsOf(answer.judged),
    summary: await sectionsOf(checked.value),
  }
})

/** Blocking first, and of those the worst: the runner shows ten of a level. */
function annotationsOf(judged: readonly Judged[]): readonly Annotation[] {
  return judged
    .filter(({ state, newness }) => state === 'blocking' || (state === 'reported' && newness !== 'known'))
    .slice(0, 200)
    .map(({ finding, tool, state, why }) => ({
      level: state === 'blocking' ? 'error' : 'warning',
      title: `${tool}: ${finding.rule} (${finding.severity})`,
      message: `${finding.message}\n${why}; fingerprint ${finding.id}`,
      ...(finding.location === undefined ? {} : { file: finding.location.file }),
      ...(finding.location?.line === undefined ? {} : { line: finding.location.line }),
      ...(finding.location?.column === undefined ? {} : { column: finding.location.column }),
    }))
}

async function sectionsOf(result: CheckResult): Promise<readonly SummarySection[]> {
  const { markdownTable } = await import('../../src/action/index.ts')
  const { tablesOf } = await import('../../src/findings/index.ts')
  return tablesOf(result).map(({ title, head, rows, more }) => ({
    title,
    body: `${markdownTable(head, rows)}${more === 0 ? '' : `\n\n${more} more are in the result and in the SARIF.`}`,
  }))
}

async function readEvent(path: string): Promise<unknown> {
  const { readFile } = await import('node:fs/promises')
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    // Without it there is no base, and a pull request is refused for that.
    return undefined
  }
}

function badLines(name: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'invalid-input',
    cause: `\`${name}\` ${why}.`,
    next: 'Write one report a line: `semgrep reports/semgrep.sarif exit=0 outcome=success`.',
  }
}

function noBase(event: string): Fault {
  return {
    blame: 'user',
    reason: 'findings-base-missing',
    cause: `The event ${event} names no base commit.`,
    likely: 'The payload of the event is not of the form that GitHub sends.',
    next: 'Give the commit that the change goes to with the input `base`.',
  }
}
