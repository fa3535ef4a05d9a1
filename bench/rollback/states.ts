import type { Digest } from '../../src/release/index.ts'
import type { Fate, Shape } from './objects.ts'
import type { Digests, Stand } from './stand.ts'

/** One state that a way back can start from. `peers`: the commands of others that are tried in it. */
export interface State {
  readonly name: string
  readonly shape: Shape
  readonly fates?: (digests: Digests) => ReadonlyMap<Digest, Fate>
  readonly make: (at: Stand) => Promise<void>
  /** Done as the command starts. */
  readonly meanwhile?: (at: Stand) => Promise<unknown>
  readonly peers: readonly Peer[]
  /** Nothing was ever good here: the right answer is a refusal. */
  readonly nothing?: true
}
export type Peer = 'abort' | 'undo' | 'abort+undo' | 'undo+promote' | 'rollout-undo'

const inFlight: readonly Peer[] = ['undo', 'abort', 'abort+undo']
const after: readonly Peer[] = ['undo', 'abort']
const bad = (fate: Fate) => (digests: Digests) => new Map([[digests.bad, fate]])
const all = (afterSeconds: number) => (digests: Digests) =>
  new Map([
    [digests.good, { afterSeconds }],
    [digests.bad, { afterSeconds }],
  ])

async function good(at: Stand): Promise<void> {
  await at.adopted()
  await at.healthy(at.digests.good)
  // Argo Rollouts compares ages of ReplicaSets in whole seconds.
  await new Promise((resolve) => setTimeout(resolve, 1_600))
}

/** On its way, in the pause of this weight. */
const at =
  (weight: 20 | 60, more: (stand: Stand) => Promise<unknown> = async () => {}) =>
  async (stand: Stand) => {
    const { bad: digest } = stand.digests
    await good(stand)
    await stand.pinned(digest, true)
    await stand.paused(digest, 1)
    if (weight === 60) {
      await stand.promote(digest, 1)
      await stand.paused(digest, 3)
    }
    await more(stand)
  }

/** Its pods crash, so it never reaches its first pause. */
const crashing = async (stand: Stand) => {
  await good(stand)
  await stand.pinned(stand.digests.bad, true)
  await stand.until('a crashing pod', async () =>
    (await stand.replicaSets(stand.digests.bad)).length > 0 ? true : undefined,
  )
}

const promoted =
  (more: (stand: Stand) => Promise<unknown> = async () => {}) =>
  async (stand: Stand) => {
    const { bad: digest } = stand.digests
    await good(stand)
    await stand.pinned(digest)
    if (stand.kind === 'Rollout') await stand.promoteFull(digest)
    await stand.healthy(digest)
    await stand.verified()
    await more(stand)
  }

const cutOver =
  (more: (stand: Stand) => Promise<unknown> = async () => {}) =>
  async (stand: Stand) => {
    await good(stand)
    await stand.pinned(stand.digests.bad, true)
    await stand.until('the cut-over', async () => {
      const { status } = await stand.rollout()
      const { blueGreen } = (status ?? {}) as { blueGreen?: { activeSelector?: string } }
      const moved =
        blueGreen?.activeSelector === status?.currentPodHash && status?.stableRS !== status?.currentPodHash
      return moved ? true : undefined
    })
    await more(stand)
  }

/** Old pods are kept for the delay, then the ReplicaSet is at 0. */
const gone = (stand: Stand) =>
  stand.until('the old ReplicaSet at 0', async () => {
    const sets = await stand.replicaSets(stand.digests.good)
    return sets.every((each) => (each.spec as { replicas?: number }).replicas === 0) ? true : undefined
  })

const paused = (stand: Stand) => stand.patchRollout({ spec: { paused: true } })
const promoteFull = (stand: Stand) => stand.patchStatus({ promoteFull: true })
const window = { rollbackWindow: { revisions: 3 } }
const router: Shape = { kind: 'router' }
const pods: Shape = { kind: 'pods' }
const cold = { scaleDownDelaySeconds: 1 }
const blueGreen = (strategy: Record<string, unknown> = {}): Shape => ({
  kind: 'blue-green',
  strategy: { autoPromotionEnabled: false, ...strategy },
})
const auto = (strategy: Record<string, unknown> = {}, postAnalysis = false): Shape => ({
  kind: 'blue-green',
  strategy: { autoPromotionEnabled: true, ...strategy },
  postAnalysis,
})
const dynamic = (more: Record<string, unknown> = {}): Shape => ({
  kind: 'router',
  strategy: { dynamicStableScale: true, ...more },
})
/** Spared for the old pods that stand: one stable pod is not ready. */
const oneStableUnready = (stand: Stand) => stand.unready(stand.digests.good, 1)

const line = (
  name: string,
  shape: Shape,
  make: State['make'],
  peers: readonly Peer[],
  more: Partial<State> = {},
): State => ({ name, shape, make, peers, ...more })

/** Those of the table of peers, and what it leaves out. */
export const states: readonly State[] = [
  line('A-20', router, at(20), inFlight),
  line('A-60', router, at(60), inFlight),
  line('A-stable-unready', router, at(20, oneStableUnready), ['undo', 'abort']),
  line('A-paused', router, at(20, paused), ['undo', 'abort']),
  line('A-crash', router, crashing, ['undo', 'abort'], { fates: bad({ behaviour: 'crash' }) }),
  line('A-promote-full', router, at(20, promoteFull), ['undo', 'abort'], {
    fates: bad({ afterSeconds: 15 }),
  }),
  line('A-scale', router, at(20), ['undo'], {
    meanwhile: (stand) => stand.patchRollout({ spec: { replicas: 8 } }),
  }),
  line('B-60', pods, at(60), inFlight),
  line('B-no-spare', { kind: 'pods', strategy: { maxUnavailable: 0, maxSurge: 1 } }, at(60), ['undo'], {
    fates: all(5),
  }),
  line('B-stable-unready', pods, at(60, oneStableUnready), ['undo', 'abort']),
  line('B-paused', pods, at(60, paused), ['undo', 'abort']),
  line('B-crash', pods, crashing, ['undo', 'abort'], { fates: bad({ behaviour: 'crash' }) }),
  line('B-promote-full', pods, at(20, promoteFull), ['undo', 'abort'], { fates: bad({ afterSeconds: 15 }) }),
  line('C-60', dynamic(), at(60), ['undo', 'abort'], { fates: all(5) }),
  line('C-60-delay', dynamic({ abortScaleDownDelaySeconds: 30 }), at(60), ['undo', 'abort'], {
    fates: all(5),
  }),
  line('D', blueGreen(), at0(), inFlight),
  line('D-paused', blueGreen(), at0(paused), ['undo', 'abort']),
  line('D-crash', blueGreen(), crashing, ['undo', 'abort'], { fates: bad({ behaviour: 'crash' }) }),
  line('E', auto({}, true), cutOver(), ['undo', 'abort']),
  line(
    'E-one-unready',
    auto({}, true),
    cutOver((stand) => stand.unready(stand.digests.bad, 1)),
    ['undo', 'abort'],
  ),
  line(
    'E-all-unready',
    auto({}, true),
    cutOver((stand) => stand.unready(stand.digests.bad, 5)),
    ['undo', 'abort'],
  ),
  line('F', auto(), promoted(), after),
  line(
    'F-crash',
    auto(),
    promoted((stand) => stand.unready(stand.digests.bad, 5)),
    ['undo'],
  ),
  line('F-manual', blueGreen(), promoted(), ['undo']),
  line('G-pods', pods, promoted(), ['undo', 'undo+promote', 'abort']),
  line('G-pods-window', { ...pods, spec: window }, promoted(), ['undo']),
  line('G-router', router, promoted(), ['undo', 'undo+promote', 'abort']),
  line('G-router-window', { ...router, spec: window }, promoted(), ['undo']),
  line('H-blue-green', auto(cold), promoted(gone), ['undo'], { fates: all(5) }),
  line('H-manual', blueGreen(cold), promoted(gone), ['undo']),
  line('H-pods-window', { ...pods, spec: window }, promoted(gone), ['undo'], { fates: all(5) }),
  line('H-router', { kind: 'router', strategy: cold }, promoted(gone), ['undo'], { fates: all(5) }),
  line('H-router-window', { kind: 'router', strategy: cold, spec: window }, promoted(gone), ['undo'], {
    fates: all(5),
  }),
  line('H-gone', { kind: 'router', strategy: cold, spec: { revisionHistoryLimit: 0 } }, promoted(), ['undo']),
  line('I-aborted-between', router, abortedBetween, ['undo', 'abort']),
  line(
    'J-first-crashes',
    pods,
    async (stand) => {
      await stand.adopted()
      await stand.until('its pods', async () =>
        (await stand.replicaSets(stand.digests.good)).length > 0 ? true : undefined,
      )
    },
    ['undo'],
    { nothing: true, fates: (digests) => new Map([[digests.good, { behaviour: 'crash' }]]) },
  ),
  line('K-crash', { kind: 'deployment' }, crashing, ['rollout-undo'], { fates: bad({ behaviour: 'crash' }) }),
  line('K-crash-twice', { kind: 'deployment' }, crashedTwice, ['rollout-undo'], {
    fates: ({ bad: first, worse }) =>
      new Map([
        [first, { behaviour: 'crash' }],
        [worse, { behaviour: 'crash' }],
      ]),
  }),
  line('K-promoted', { kind: 'deployment' }, promoted(), ['rollout-undo']),
  line('K-promoted-slow', { kind: 'deployment' }, promoted(), ['rollout-undo'], { fates: all(5) }),
  line(
    'K-promoted-paused',
    { kind: 'deployment' },
    promoted((stand) => stand.patchDeployment({ spec: { paused: true } })),
    ['rollout-undo'],
  ),
  line('workload-ref', { kind: 'workload-ref' }, at(20), ['undo', 'abort']),
  line('several-workloads', { ...router, follower: true }, promoted(), ['undo']),
]

/** The pause of blue-green before its cut-over. */
function at0(more: (stand: Stand) => Promise<unknown> = async () => {}) {
  return async (stand: Stand) => {
    await good(stand)
    await stand.pinned(stand.digests.bad, true)
    await stand.until('the pause before the cut-over', async () =>
      (await stand.rollout()).status?.pauseConditions?.some(({ reason }) => reason === 'BlueGreenPause')
        ? true
        : undefined,
    )
    await more(stand)
  }
}

async function abortedBetween(stand: Stand): Promise<void> {
  const { bad: second, worse } = stand.digests
  await at(20)(stand)
  await stand.patchStatus({ abort: true })
  await stand.until('the abort', async () =>
    (await stand.rollout()).status?.abortedAt === undefined ? undefined : true,
  )
  await stand.abandoned()
  await stand.pinned(worse, true)
  await stand.paused(worse, 1)
  if (second === worse) throw new Error('two releases of one digest')
}

async function crashedTwice(stand: Stand): Promise<void> {
  await crashing(stand)
  await stand.abandoned()
  await stand.pinned(stand.digests.worse, true)
  await stand.until('its pods', async () =>
    (await stand.replicaSets(stand.digests.worse)).length > 0 ? true : undefined,
  )
}
