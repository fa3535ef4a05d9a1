import type { EventOf, EventType, LedgerEvent } from '../../src/ledger/index.ts'

/** What stands at the end of a train, read from the ledger and from the clusters themselves. */
export interface Story {
  /** Production regions in the order of the train. */
  readonly order: readonly string[]
  /** The canaried workload first. */
  readonly workloads: readonly string[]
  readonly events: readonly LedgerEvent[]
  readonly regions: ReadonlyMap<string, RegionSeen>
}

export interface RegionSeen {
  /** Every digest that a workload ever had a ReplicaSet for. */
  readonly everRun: Readonly<Record<string, readonly string[]>>
  /** Part of the traffic (of the ready pods, where nothing routes) by digest. */
  readonly served: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface Expectation {
  readonly expects: string
  /** What was seen instead; absent when it is as expected. */
  readonly fault?: string
}

/** Scenario 1: one digest, everywhere, in order, and every transition of it in the ledger. */
export function goodRelease(story: Story, { release, digest }: Artifact): readonly Expectation[] {
  const { order, events } = story
  const regionsOf = (type: 'started' | 'verified') =>
    only(events, type)
      .filter((event) => event.release === release)
      .map(({ region }) => region)
  return [
    expectation(
      `${release} starts in ${order.join(', ')}, in this order`,
      differs(regionsOf('started'), order),
    ),
    expectation('a region starts only when the one before is verified', overlapping(events, release)),
    expectation('each region is verified', differs(regionsOf('verified'), order)),
    ...order.map((region) =>
      expectation(
        `every workload of ${region} serves ${short(digest)} alone`,
        notAlone(story, region, digest),
      ),
    ),
    ...order.map((region) =>
      expectation(`each transition of ${region} stands in the ledger`, missing(events, release, region)),
    ),
  ]
}

export interface Artifact {
  readonly release: string
  readonly digest: string
}

/** Scenario 2: stopped in the first region, and never anywhere else. */
export function badRelease(story: Story, bad: Artifact, stable: string): readonly Expectation[] {
  const [first = '', ...others] = story.order
  const [lead = '', ...followers] = story.workloads
  const { events } = story
  const aborted = only(events, 'canary-failed').find(({ release }) => release === bad.release)
  const vetoed = only(events, 'vetoed').some(({ digest }) => digest === bad.digest)
  const back = only(events, 'rolled-back').some(
    (event) => event.region === first && event.digest === stable && after(events, event, aborted),
  )
  const ran = (region: string, workload: string) =>
    story.regions.get(region)?.everRun[workload]?.includes(bad.digest) === true
  const elsewhere = others.filter((region) => story.workloads.some((workload) => ran(region, workload)))
  const pinnedElsewhere = only(events, 'pinned').filter(
    ({ region, pins }) =>
      region !== first && Object.values(pins.workloads).some((each) => each === bad.digest),
  )
  return [
    expectation(
      `the canary of ${bad.release} is aborted in ${first}`,
      aborted === undefined ? 'no canary-failed in the ledger' : differs([aborted.region], [first]),
    ),
    expectation('the reason names the evidence', evidenceIn(aborted?.why)),
    expectation(
      `${short(bad.digest)} did run in ${first}`,
      ran(first, lead) ? undefined : 'it never ran there',
    ),
    expectation(`${short(bad.digest)} is vetoed`, vetoed ? undefined : 'no veto in the ledger'),
    expectation(`${first} is back on ${short(stable)}`, back ? undefined : 'no rolled-back in the ledger'),
    ...story.order.map((region) =>
      expectation(
        `every workload of ${region} serves ${short(stable)} alone`,
        notAlone(story, region, stable),
      ),
    ),
    expectation(
      `no other region was pinned to it, or ran it`,
      elsewhere.length + pinnedElsewhere.length === 0
        ? undefined
        : `${[...elsewhere, ...pinnedElsewhere.map(({ region }) => region)].join(', ')} did`,
    ),
    ...followers.map((workload) =>
      expectation(
        `${workload} never ran it`,
        ran(first, workload) ? `there is a ReplicaSet of it in ${first}` : undefined,
      ),
    ),
  ]
}

/** One sentence for all that is not as expected; undefined when everything is. */
export function failed(expectations: readonly Expectation[]): string | undefined {
  const faults = expectations.flatMap(({ expects, fault }) =>
    fault === undefined ? [] : [`Expected that ${expects}: ${fault}.`],
  )
  return faults.length === 0 ? undefined : faults.join('\n')
}

function expectation(expects: string, fault: string | undefined): Expectation {
  return fault === undefined ? { expects } : { expects, fault }
}

function only<T extends EventType>(events: readonly LedgerEvent[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type)
}

function differs(found: readonly string[], wanted: readonly string[]): string | undefined {
  return found.join() === wanted.join() ? undefined : `it was ${found.join(', ') || 'none'}`
}

function overlapping(events: readonly LedgerEvent[], release: string): string | undefined {
  let open: string | undefined
  for (const event of events) {
    if (!('release' in event) || event.release !== release) continue
    if (event.type === 'started') {
      if (open !== undefined) return `${event.region} started while ${open} was under way`
      open = event.region
    }
    if (event.type === 'verified') open = undefined
  }
  return undefined
}

/** From the pin on; whether there are migrations is the configuration's business. */
const course = ['started', 'pinned', 'canary-passed', 'pinned', 'live', 'verified'] as const

function missing(events: readonly LedgerEvent[], release: string, region: string): string | undefined {
  const wanted: readonly string[] = course
  const found = events
    .filter((e) => 'region' in e && 'release' in e && e.region === region && e.release === release)
    .map(({ type }) => type)
    .filter((type) => wanted.includes(type))
  return differs(found, course)
}

function notAlone(story: Story, region: string, digest: string): string | undefined {
  const others = story.workloads.flatMap((workload) => {
    const served = story.regions.get(region)?.served[workload] ?? {}
    // Shares are sums of parts of weights.
    if (Math.abs((served[digest] ?? 0) - 1) < 1e-6) return []
    const shares = Object.entries(served).map(([each, part]) => `${short(each)} ${(part * 100).toFixed(1)} %`)
    return [`${workload} serves ${shares.join(', ') || 'nothing'}`]
  })
  return others.length === 0 ? undefined : others.join('; ')
}

function after(events: readonly LedgerEvent[], event: LedgerEvent, other: LedgerEvent | undefined): boolean {
  return other !== undefined && events.indexOf(event) > events.indexOf(other)
}

/** Counts of both arms: `canary 9 of 180 requests bad (…), stable 2 of 8102 (…)`. */
function evidenceIn(why: string | undefined): string | undefined {
  if (why === undefined) return 'there is no reason'
  return /canary \d+ of \d+\b.*stable \d+ of \d+/.test(why) ? undefined : `it says: ${why}`
}

function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
