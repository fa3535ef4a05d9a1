import { randomInt } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { at, folderReader, itemsOf, loadDescription } from '../../contract/index.ts'
import { err, type Fault, type Fetch, ok, type Result } from '../../release/index.ts'
import { operationsOf } from '../api/operations.ts'
import { textOf } from '../api/place.ts'
import { targetOf } from '../client/hosts.ts'
import { readTenantConfig } from '../config/read.ts'
import type { TenantConfig } from '../config/schema.ts'
import type { TenantResult } from '../gate/result.ts'
import { decide, type GateVerdict } from '../gate/verdict.ts'
import { tenantPage } from '../output/html.ts'
import { toJUnit } from '../output/junit.ts'
import { tenantSarif } from '../output/sarif.ts'
import { type ForeignRequest, foreignResult } from '../plugin/foreign.ts'
import { cleanupHook, type HookContext, logIn, loginHook, seedHook } from '../plugin/hooks.ts'
import { type Side, sides } from '../types.ts'
import { exemptions } from './exempt.ts'
import { type Simulation, simulate } from './simulate.ts'

export interface TenantRequest {
  /** The service's OpenAPI description, from the root of the checkout. */
  readonly openapi: string
  /** The file of overrides, from the root of the checkout. */
  readonly config: string
  readonly simulator: { readonly kind: 'builtin' } | ForeignRequest
  readonly base?: string | undefined
  readonly allowHosts: readonly string[]
  readonly environment?: string
  readonly credentials: Readonly<Partial<Record<Side, Readonly<Record<string, string>>>>>
  readonly commit: string
  readonly runId: string
  readonly temp: string
  readonly concurrency: number
  readonly totalMs: number
}

export interface TenantCheck {
  readonly result: TenantResult
  readonly verdict: GateVerdict
  readonly notes: readonly string[]
  /** Of the built-in simulator. */
  readonly simulation?: Simulation
  readonly files: {
    readonly result: string
    readonly sarif: string
    readonly junit: string
    readonly report: string
  }
}

/** Reads everything, runs the simulator, decides anew on what it says, and writes the reports. */
export async function checkTenants(
  context: HookContext & { readonly fetch: Fetch },
  request: TenantRequest,
): Promise<Result<TenantCheck>> {
  const reader = folderReader(context.folder)
  const text = await reader.read(request.config)
  if (!text.ok) return text
  const config = readTenantConfig(text.value, request.config)
  if (!config.ok) return config
  const description = await loadDescription(request.openapi, reader)
  if (!description.ok) return description
  const servers = itemsOf(at(description.value.root, 'servers')).map((place) => {
    const said = textOf(place, 'description')
    return { url: textOf(place, 'url') ?? '', ...(said === undefined ? {} : { description: said }) }
  })
  const { simulator, allowHosts, environment } = request
  const target =
    request.base === undefined
      ? undefined
      : targetOf(request.base, {
          allowed: allowHosts,
          servers,
          ...(environment === undefined ? {} : { environment }),
        })
  if (target?.ok === false) return target
  if (target === undefined && simulator.kind !== 'artifact') return err(noBase())

  const operations = operationsOf(description.value)
  const startedAt = context.clock.now().toISOString()
  const about = { commit: request.commit, runId: request.runId, startedAt }
  const run =
    simulator.kind === 'builtin' && target !== undefined
      ? await builtIn(context, request, config.value, description.value, target.value, about)
      : simulator.kind === 'builtin'
        ? err(noBase())
        : await foreignResult(context, simulator, {
            ...about,
            tenants: tenantsOf(config.value),
            openapi: request.openapi,
            ...(target === undefined ? {} : { base: target.value.href }),
          })
  if (!run.ok) return run
  const { result, simulation } = run.value

  const today = context.clock.now()
  const exempt = exemptions(operations, config.value, today)
  const waiver = config.value['mutation-waiver']
  const verdict = decide(result, {
    commit: request.commit,
    operations,
    exempt: new Set(exempt.valid.keys()),
    inconclusiveLimit: config.value.policy['inconclusive-limit'],
    mutationWaived: waiver !== undefined && waiver.expires >= today.toISOString().slice(0, 10),
    ...(simulation?.invalid === undefined ? {} : { invalid: simulation.invalid }),
    left: (simulation?.cleaned.failed ?? []).map(
      ({ resource, tenant, id, why }) => `${resource} ${id} of ${tenant}: ${why}`,
    ),
  })
  const kept = simulation?.cleaned.kept ?? []
  const notes = [
    ...(simulation?.notes ?? exempt.notes),
    ...(waiver === undefined ? [] : [`The self-test is waived until ${waiver.expires}: ${waiver.reason}`]),
    ...(kept.length === 0
      ? []
      : [`${kept.length} seeded objects stay: ${kept[0]?.why}. A cleanup hook can take them away.`]),
  ]
  const lines = new Map(
    operations.map(({ id, file, line }) => [id, { file, ...(line === undefined ? {} : { line }) }]),
  )
  return ok({
    result,
    verdict,
    notes,
    ...(simulation === undefined ? {} : { simulation }),
    files: await writeFiles(request.temp, result, verdict, lines),
  })
}

const tenantsOf = ({ tenants }: TenantConfig) => [tenants.a.id, tenants.b.id] as const

async function builtIn(
  context: HookContext & { readonly fetch: Fetch },
  request: TenantRequest,
  config: TenantConfig,
  description: Parameters<typeof simulate>[0]['description'],
  base: URL,
  about: Pick<TenantResult, 'commit' | 'runId' | 'startedAt'>,
): Promise<Result<{ readonly result: TenantResult; readonly simulation: Simulation }>> {
  const headers: Partial<Record<Side, Readonly<Record<string, string>>>> = { ...request.credentials }
  for (const side of sides) {
    if (headers[side] !== undefined) continue
    if (config.hooks.login === undefined) return err(noCredentials(side))
    const said = await logIn(context, config.hooks.login, side, config.tenants[side].id, base.href)
    if (!said.ok) return said
    headers[side] = said.value
  }
  const [login, cleanup, seed] = [
    loginHook(context, config, base.href),
    cleanupHook(context, config, base.href),
    config.hooks.seed,
  ]
  const simulation = await simulate({
    description,
    config,
    base,
    headers: { a: headers.a ?? {}, b: headers.b ?? {} },
    fetch: context.fetch,
    clock: context.clock,
    signal: context.signal,
    run: randomInt(36 ** 3, 36 ** 4).toString(36),
    bounds: { concurrency: request.concurrency, totalMs: request.totalMs },
    ...(login === undefined ? {} : { login }),
    ...(cleanup === undefined ? {} : { cleanup }),
    ...(seed === undefined ? {} : { seeded: (run) => seedHook(context, seed, base.href, run) }),
  })
  if (!simulation.ok) return simulation
  return ok({ result: resultOf(simulation.value, about), simulation: simulation.value })
}

export function resultOf(
  { tenants, operations, controls }: Simulation,
  about: Pick<TenantResult, 'commit' | 'runId' | 'startedAt'>,
): TenantResult {
  return {
    schema: 'two-tenant/v1',
    ...about,
    tenants: [...tenants],
    operations: operations.map(({ cases, ...one }) => ({
      ...one,
      cases: cases.map((own) => ({ ...own, evidence: { ...own.evidence } })),
    })),
    controls: { ...controls },
  }
}

async function writeFiles(
  temp: string,
  result: TenantResult,
  verdict: GateVerdict,
  lines: Parameters<typeof tenantSarif>[1],
): Promise<TenantCheck['files']> {
  const out = await mkdtemp(join(temp, 'tenant-gate-'))
  const sarif = join(out, 'sarif')
  await mkdir(sarif)
  const files = {
    result: join(out, 'result.json'),
    sarif,
    junit: join(out, 'junit.xml'),
    report: join(out, 'report.html'),
  }
  await writeFile(files.result, `${JSON.stringify(result, null, 2)}\n`)
  // A run that did not look at everything says so: a reader must not take it for one that found nothing.
  const complete = verdict.state === 'pass' || verdict.state === 'leak'
  await writeFile(
    join(sarif, 'tenant-gate.sarif'),
    `${JSON.stringify(tenantSarif(result, lines, complete))}\n`,
  )
  await writeFile(files.junit, toJUnit(result))
  await writeFile(files.report, tenantPage(result, verdict))
  return files
}

function noBase(): Fault {
  return {
    blame: 'user',
    reason: 'tenant-host-refused',
    cause: 'There is no address of a service to test.',
    next: 'Start the service in the job and give its address with `base-url`.',
  }
}

function noCredentials(side: Side): Fault {
  return {
    blame: 'user',
    reason: 'tenant-invalid',
    cause: `There are no credentials of tenant ${side}.`,
    next: `Give \`credentials-${side}\`, or a login hook in the file of overrides.`,
  }
}
