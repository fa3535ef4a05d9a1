import { type Annotation, faultOutcome, runAction, type SummarySection } from '../../src/action/index.ts'
import type { Fault } from '../../src/release/index.ts'
import type { TenantCheck, TenantRequest } from '../../src/tenant/index.ts'
import { action } from './action.ts'

const endings = {
  pass: { verdict: 'pass', reason: 'tenant-separated' },
  leak: { verdict: 'fail', reason: 'tenant-leak', blame: 'user' },
  untested: { verdict: 'fail', reason: 'tenant-untested', blame: 'user' },
  inconclusive: { verdict: 'unknown', reason: 'tenant-inconclusive', blame: 'user' },
  invalid: { verdict: 'unknown', reason: 'tenant-invalid', blame: 'user' },
} as const

await runAction(action, async ({ inputs, runner, env, clock, exec, logger, signal, mask, endState }) => {
  const tenant = await import('../../src/tenant/index.ts')
  const simulator = simulatorOf(inputs)
  if (typeof simulator === 'string') return faultOutcome(badInputs(simulator))
  const credentials: Record<string, Readonly<Record<string, string>>> = {}
  for (const side of ['a', 'b'] as const) {
    const text = inputs[`credentials-${side}`]
    if (text === undefined) continue
    const headers = tenant.headersFrom(text)
    if (headers === undefined)
      return faultOutcome(badInputs(`\`credentials-${side}\` is neither headers nor a token`))
    for (const value of Object.values(headers)) mask(value.replace(/^(Bearer|Basic) /i, ''))
    credentials[side] = headers
  }
  endState('Objects that the run had made may still be there; each of their texts begins with zz.')
  const checked = await tenant.checkTenants(
    // Not the bounded client of the runtime: it tries a 503 again, and here every answer is evidence.
    { exec, env, clock, signal, folder: runner.workspace, mask, fetch: globalThis.fetch },
    {
      openapi: inputs.openapi,
      config: inputs.overrides,
      simulator,
      allowHosts: inputs['allow-hosts'] ?? [],
      credentials,
      commit: inputs.commit ?? runner.sha,
      runId: runner.runId,
      temp: runner.temp,
      concurrency: inputs.concurrency,
      totalMs: inputs.timeout,
      ...(inputs['base-url'] === undefined ? {} : { base: inputs['base-url'] }),
      ...(inputs.environment === undefined ? {} : { environment: inputs.environment }),
    },
  )
  if (!checked.ok) return faultOutcome(checked.fault)
  const { verdict, notes, files } = checked.value
  for (const note of notes) logger.notice(note)
  return {
    ...endings[verdict.state],
    ...tenant.messageOf(checked.value),
    data: tenant.recordOf(checked.value),
    outputs: {
      state: verdict.state,
      leaks: verdict.counts.leak,
      untested: verdict.operations.filter(({ state }) => state === 'untested').length,
      'result-file': files.result,
      sarif: files.sarif,
      junit: files.junit,
      report: files.report,
    },
    annotations: annotationsOf(checked.value),
    summary: await sectionsOf(checked.value),
  }
})

interface PluginInputs {
  readonly simulator: 'builtin' | 'command' | 'artifact'
  readonly command: readonly string[] | undefined
  readonly 'result-file': string | undefined
  readonly 'result-format': 'json' | 'junit'
  readonly timeout: number
}

function simulatorOf(inputs: PluginInputs): TenantRequest['simulator'] | string {
  const format = inputs['result-format']
  if (inputs.simulator === 'builtin') return { kind: 'builtin' }
  if (inputs.simulator === 'command') {
    return inputs.command === undefined
      ? '`simulator: command` needs `command`'
      : { kind: 'command', command: inputs.command, format, timeoutMs: inputs.timeout }
  }
  const file = inputs['result-file']
  return file === undefined ? '`simulator: artifact` needs `result-file`' : { kind: 'artifact', file, format }
}

function badInputs(why: string): Fault {
  return {
    blame: 'user',
    reason: 'invalid-input',
    cause: `${why}.`,
    next: 'See the table of inputs in the README of the action.',
  }
}

function annotationsOf({ verdict, result }: TenantCheck): readonly Annotation[] {
  const leaks = result.operations.flatMap(({ id, cases }) =>
    cases
      .filter((one) => one.verdict === 'leak')
      .map(
        ({ attack, from, to, evidence }): Annotation => ({
          level: 'error',
          title: `${id}: ${attack}`,
          message: `With the credentials of ${from}: ${evidence?.why ?? attack} (${to}).\n${evidence?.curl ?? ''}`,
        }),
      ),
  )
  const untested = verdict.operations
    .filter(({ state }) => state === 'untested')
    .map(
      ({ id, why }): Annotation => ({
        level: 'warning',
        title: `${id} is not tested`,
        message: why ?? 'No case of it.',
      }),
    )
  return [...leaks.slice(0, 100), ...untested.slice(0, 100)]
}

async function sectionsOf({ result, verdict }: TenantCheck): Promise<readonly SummarySection[]> {
  const { markdownTable } = await import('../../src/action/index.ts')
  const { tablesOf } = await import('../../src/tenant/index.ts')
  return tablesOf(result, verdict).map(({ title, head, rows }) => ({
    title,
    body: markdownTable(head, rows),
  }))
}
