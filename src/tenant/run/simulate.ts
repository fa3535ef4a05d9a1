import type { Description } from '../../contract/index.ts'
import { type Clock, err, type Fetch, ok, type Result } from '../../release/index.ts'
import { type Graph, graphOf } from '../api/graph.ts'
import { type ApiOperation, operationsOf } from '../api/operations.ts'
import { createClient } from '../client/client.ts'
import type { TenantConfig } from '../config/schema.ts'
import { type OperationCases, type Side, sides } from '../types.ts'
import { createMarkers } from '../world/markers.ts'
import { ask, type Identity, type Login, type Session, stillKnown } from '../world/session.ts'
import type { Thing } from '../world/things.ts'
import { createWorld } from '../world/world.ts'
import { type Cleaned, type CleanupHook, cleanUp } from './cleanup.ts'
import { type Exemptions, exemptions } from './exempt.ts'
import { type Mutated, selfTest } from './mutation.ts'
import { runAttacks } from './operations.ts'
import { seed } from './seed.ts'
import { baselineOf, selfCheck } from './self-check.ts'

export interface SimulationOptions {
  readonly description: Description
  readonly config: TenantConfig
  readonly base: URL
  readonly headers: Readonly<Record<Side, Readonly<Record<string, string>>>>
  readonly fetch: Fetch
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Four letters and digits that no other run has. */
  readonly run: string
  readonly bounds?: Partial<Bounds>
  readonly login?: Login
  readonly seeded?: (run: string) => Promise<Result<readonly Thing[]>>
  readonly cleanup?: CleanupHook
  /** Only these operations; for looking closer at some of them. */
  readonly only?: readonly string[]
}

export interface Bounds {
  readonly concurrency: number
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly totalMs: number
}

export const usualBounds: Bounds = {
  concurrency: 8,
  timeoutMs: 10_000,
  maxBytes: 4 * 1024 * 1024,
  totalMs: 600_000,
}

export interface Simulation {
  readonly tenants: readonly [string, string]
  readonly operations: readonly OperationCases[]
  readonly controls: {
    readonly positive: number
    readonly negative: number
    readonly mutationCaught: boolean
  }
  readonly mutation: Mutated
  readonly cleaned: Cleaned
  /** Set when the run proves nothing at all, with the reason. */
  readonly invalid?: string
  readonly notes: readonly string[]
  readonly requests: number
}

/** The whole run. Everything that it sends goes through one bounded client. */
export async function simulate(options: SimulationOptions): Promise<Result<Simulation>> {
  const { description, config, clock, signal, fetch } = options
  const bounds = { ...usualBounds, ...options.bounds }
  const operations = operationsOf(description)
  const graph = graphFor(operations, config)
  const exempt = exemptions(operations, config, clock.now())
  const misnamed = unknownNames(config, graph)
  if (misnamed !== undefined) return err(misnamed)
  const baseline = baselineOf(graph, config, new Set(exempt.valid.keys()))
  if (typeof baseline === 'string') return ok(nothing(config, operations, baseline))
  const clientParts = { fetch, clock, signal, ...bounds }
  const session: Session = {
    config,
    graph,
    client: createClient({ ...clientParts, base: options.base }),
    markers: createMarkers(options.run),
    clock,
    signal,
    identities: { a: identity(options, 'a'), b: identity(options, 'b') },
    baseline,
    login: options.login,
  }
  const checked = await selfCheck(session)
  if (!checked.ok) return ok(nothing(config, operations, checked.why, session.client.sent()))
  const given = (await options.seeded?.(options.run)) ?? ok([])
  if (!given.ok) return given

  const world = createWorld(session, given.value)
  const wanted = chosen(operations, options.only)
  const failed = await seed(session, world, new Set(neededBy(graph, wanted, options.only)))
  const ran = await runAttacks({ session, world, operations: wanted, exempt, failed })
  const mutation = await selfTest(session, world, ran.results, ran.telling, { fetch, client: clientParts })
  const lost = await lostIdentity(session)
  const cleaned = await cleanUp(session, world, options.cleanup)
  const invalid = sameTenant(ran.results, ran.telling, checked.different)
  return ok({
    tenants: [config.tenants.a.id, config.tenants.b.id],
    operations: lost === undefined ? ran.results : ran.results.map((one) => doubted(one, lost)),
    controls: { positive: ran.positive, negative: ran.negative, mutationCaught: mutation.caught },
    mutation,
    cleaned,
    ...(invalid === undefined ? {} : { invalid }),
    notes: [...exempt.notes, ...[...failed].map(([name, why]) => `No ${name} could be made: ${why}`)],
    requests: session.client.sent(),
  })
}

function identity({ config, headers }: SimulationOptions, side: Side): Identity {
  return { tenant: config.tenants[side].id, headers: headers[side] }
}

export function graphFor(operations: readonly ApiOperation[], config: TenantConfig): Graph {
  const produces = Object.entries(config.operations).flatMap(([id, one]) =>
    one.produces === undefined ? [] : [[id, one.produces] as const],
  )
  return graphOf(operations, {
    tenantKeys: config['tenant-keys'].path,
    produces: Object.fromEntries(produces),
    binds: config.binds,
  })
}

/** An override of an operation that does not exist has no effect, and nobody would see that. */
function unknownNames(config: TenantConfig, { byId }: Graph) {
  const named = [...Object.keys(config.operations), ...config.exempt.map(({ operation }) => operation)]
  const unknown = named.filter((id) => !byId.has(id))
  if (unknown.length === 0) return undefined
  return {
    blame: 'user' as const,
    reason: 'tenant-config-invalid' as const,
    cause: `The description has no operation ${unknown.slice(0, 5).join(', ')}.`,
    likely: 'It was renamed or removed; an operation without operationId is named `GET /path`.',
    next: 'Correct the name in the file of overrides, or take the entry out.',
  }
}

const chosen = (operations: readonly ApiOperation[], only: readonly string[] | undefined) =>
  only === undefined ? operations : operations.filter(({ id }) => only.includes(id))

/** With some operations only: what they act on, and what that hangs below. */
function neededBy(
  graph: Graph,
  operations: readonly ApiOperation[],
  only: readonly string[] | undefined,
): readonly string[] {
  if (only === undefined) return graph.resources.map(({ name }) => name)
  const needed = new Set<string>()
  const add = (operation: ApiOperation): void => {
    const sources = [
      ...operation.parameters
        .filter((one) => one.in === 'path')
        .map(({ name }) => graph.sourceOf(operation, name)),
      ...graph.referencesOf(operation),
    ]
    for (const source of sources)
      if (source !== undefined && source !== 'tenant') addResource(source.resource)
    for (const { name, producer } of graph.resources) if (producer.id === operation.id) addResource(name)
    // A list of what is made at the same path, or under the same name at another one.
    for (const { name, producer } of graph.resources) {
      const under = operation.path === producer.path || operation.path.startsWith(`${producer.path}/`)
      if (operation.method === 'GET' && (under || operation.path.split('/').at(-1) === name))
        addResource(name)
    }
  }
  const addResource = (name: string): void => {
    if (needed.has(name)) return
    needed.add(name)
    const resource = graph.resources.find((one) => one.name === name)
    if (resource !== undefined) add(resource.producer)
  }
  for (const operation of operations) add(operation)
  // Nothing to go by, as with `/stats`: everything that hangs below nothing.
  if (needed.size === 0)
    for (const { name, producer } of graph.resources) if (!producer.path.includes('{')) addResource(name)
  return [...needed]
}

function nothing(
  config: TenantConfig,
  operations: readonly ApiOperation[],
  why: string,
  requests = 0,
): Simulation {
  return {
    tenants: [config.tenants.a.id, config.tenants.b.id],
    operations: operations.map(({ id, method, path }) => ({ id, method, path, cases: [] })),
    controls: { positive: 0, negative: 0, mutationCaught: false },
    mutation: { tried: [], caught: false },
    cleaned: { removed: 0, kept: [], failed: [] },
    invalid: why,
    notes: [],
    requests,
  }
}

async function lostIdentity(session: Session): Promise<string | undefined> {
  for (const side of sides) {
    const { expired, tenant } = session.identities[side]
    if (expired !== undefined) return expired
    if (!(await stillKnown(session, side))) {
      // A login hook may bring it back for cleaning up; what was seen before stays in doubt.
      await ask(session, session.baseline[side], side)
      return `the credentials of tenant ${tenant} were no longer accepted at the end of the run`
    }
  }
  return undefined
}

/** A refusal may have been one of worn-out credentials. What was seen stays seen. */
function doubted({ cases, ...operation }: OperationCases, why: string): OperationCases {
  return {
    ...operation,
    cases: cases.map((one) =>
      one.verdict === 'pass' ? { ...one, verdict: 'inconclusive', evidence: { ...one.evidence, why } } : one,
    ),
  }
}

/** Everything of one is the other's: two names of one tenant, unless something proved that they are two. */
function sameTenant(
  results: readonly OperationCases[],
  telling: ReadonlySet<string>,
  different: boolean,
): string | undefined {
  if (different) return undefined
  const reads = results.filter(({ id, method }) => method === 'GET' && telling.has(id))
  const looked = reads.flatMap(({ path, cases }) =>
    cases.filter((one) => one.attack === 'path-id' || (one.attack === 'own-answer' && !path.includes('{'))),
  )
  return looked.length >= 2 && looked.every((one) => one.verdict === 'leak')
    ? 'each tenant sees everything of the other, and nothing proves that they are two: give `whoami`, or tokens with different tenants'
    : undefined
}

export type { Exemptions }
