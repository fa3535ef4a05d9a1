import type { MigrateOutcome } from './outcome.ts'
import type { MigrateContext, Prepared, Tenant } from './prepare.ts'

/**
 * One tenant after the other, some at the same time, each with a status of its own. The first that does not pass ends
 * it: those under way go to their end, no other is begun, and a next run does nothing where all is done.
 */
export async function overTenants(
  context: MigrateContext,
  prepared: Prepared,
  one: (context: MigrateContext, prepared: Prepared) => Promise<MigrateOutcome>,
): Promise<MigrateOutcome> {
  const outcomes = new Map<Tenant, MigrateOutcome>()
  const waiting = [...prepared.tenants]
  const halted = () =>
    context.signal.aborted || [...outcomes.values()].some(({ verdict }) => verdict !== 'pass')

  async function work(): Promise<void> {
    for (let tenant = waiting.shift(); tenant !== undefined; tenant = waiting.shift()) {
      if (halted()) return
      const { name, schema, address } = tenant
      const own = { ...prepared, address, settings: { ...prepared.settings, schema }, tenants: [] }
      outcomes.set(tenant, await one(named(context, name), own))
    }
  }
  const parallel = prepared.environment.database?.parallel ?? 1
  await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, work))
  return together(prepared, outcomes)
}

/** Lines of several tenants stand mixed in one log. */
function named(context: MigrateContext, name: string): MigrateContext {
  const { logger } = context
  const mark = (line: string) => `[${name}] ${line}`
  return {
    ...context,
    endState: (text) => context.endState(mark(text)),
    logger: {
      debug: (line) => logger.debug(mark(line)),
      info: (line) => logger.info(mark(line)),
      notice: (line) => logger.notice(mark(line)),
      warn: (line) => logger.warn(mark(line)),
      group: (title, body) => logger.group(mark(title), body),
    },
  }
}

const severity = { pass: 0, wait: 1, unknown: 2, fail: 3 } as const

function together(
  { tenants, environment }: Prepared,
  outcomes: ReadonlyMap<Tenant, MigrateOutcome>,
): MigrateOutcome {
  const done = [...outcomes.entries()]
  const worst = done.toSorted(([, a], [, b]) => severity[b.verdict] - severity[a.verdict])[0]
  const passed = done.filter(([, { verdict }]) => verdict === 'pass').length
  const number = (name: 'level' | 'applied' | 'pending') =>
    done.map(([, { outputs }]) => Number(outputs?.[name] ?? 0))
  const status = tenants.map((tenant) => {
    const outcome = outcomes.get(tenant)
    return outcome === undefined
      ? {
          tenant: tenant.name,
          status: 'not-begun',
          reason: '',
          message: '',
          level: null,
          applied: 0,
          pending: null,
        }
      : {
          tenant: tenant.name,
          status: outcome.verdict,
          reason: outcome.reason,
          message: outcome.message,
          level: outcome.outputs?.level ?? 0,
          applied: outcome.outputs?.applied ?? 0,
          pending: outcome.outputs?.pending ?? null,
        }
  })
  const count = `${passed} of ${tenants.length} tenants of ${environment.name} are done`
  const failing = worst !== undefined && worst[1].verdict !== 'pass' ? worst : undefined
  const changed = done.find(([, { reason }]) => reason !== 'nothing-to-do')
  return {
    ...(failing === undefined ? {} : failing[1]),
    verdict: failing?.[1].verdict ?? (passed === tenants.length ? 'pass' : 'unknown'),
    reason:
      failing?.[1].reason ??
      (passed === tenants.length ? (changed?.[1].reason ?? 'nothing-to-do') : 'cancelled'),
    message: failing === undefined ? `${count}.` : `${count}; ${failing[0].name}: ${failing[1].message}`,
    data: { version: 1, environment: environment.name, tenants: status },
    outputs: {
      level: Math.min(...(done.length === tenants.length ? number('level') : [0])),
      applied: number('applied').reduce((sum, one) => sum + one, 0),
      pending: number('pending').reduce((sum, one) => sum + one, 0),
    },
    summary: [
      {
        title: 'Tenants',
        body: [
          '| tenant | status | reason | level |',
          '| --- | --- | --- | --- |',
          ...status.map((one) => `| ${one.tenant} | ${one.status} | ${one.reason} | ${one.level ?? ''} |`),
        ].join('\n'),
      },
    ],
  }
}
