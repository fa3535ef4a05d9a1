import type { Arm, LiveState } from '../../cluster/index.ts'
import { type Digest, shortDigest } from '../../release/index.ts'

/** The cases of the progressive-delivery reference §2.3, and those that its table leaves out. */
export type CaseName =
  | 'served'
  | 'on-its-way'
  | 'canary-routed'
  | 'canary-pods'
  | 'canary-dynamic'
  | 'preview'
  | 'cut-over'
  | 'active-warm'
  | 'promoted-warm'
  | 'cold'
  | 'gone'
  | 'first'
  | 'deployment'
  | 'flagger'

export interface Case {
  readonly name: CaseName
  /** Letter of the reference's table, for those who know it. */
  readonly letter: string
  /** What stands, in one line. */
  readonly says: string
  /** What is in the way and is dealt with: paused, a full promotion that was asked for, a pod that is not ready. */
  readonly besides: readonly string[]
}

export interface Ask {
  /** What has to leave; another digest than this and the target is somebody else's and is not touched. */
  readonly bad: Digest
  readonly target: Digest
  /** Argo CD takes back what is written past Git (self-heal), or nobody knows whether it does. */
  readonly healed: boolean
}

const letters: Readonly<Record<CaseName, string>> = {
  served: '-',
  'on-its-way': '-',
  'canary-routed': 'A',
  'canary-pods': 'B',
  'canary-dynamic': 'C',
  preview: 'D',
  'cut-over': 'E',
  'active-warm': 'F',
  'promoted-warm': 'G',
  cold: 'H',
  gone: 'H',
  first: 'J',
  deployment: 'K',
  flagger: '-',
}

/** The newest ReplicaSet that runs the target: never "the revision before", which may be another bad one. */
export function armOf(live: LiveState, digest: Digest): Arm | undefined {
  return live.arms.find((arm) => arm.digest === digest)
}

export const shareOf = (live: LiveState, digest: Digest): number =>
  live.routed.served.find((each) => each.digest === digest)?.share ?? 0

/** All traffic of a workload on ready pods of the digest, and nothing left to be walked. */
export function isServed(live: LiveState, digest: Digest): boolean {
  // A Deployment tells of its update by its pods alone.
  const moving = live.kind !== 'deployment' && live.inFlight
  return (
    live.specDigest === digest &&
    live.identified &&
    !moving &&
    shareOf(live, digest) === 1 &&
    live.routed.dark === 0
  )
}

/** Which of the cases stands in the cluster. Pure: what can be done follows from it (see `path.ts`). */
export function caseOf(live: LiveState, ask: Ask): Case {
  const name = nameOf(live, ask)
  return { name, letter: letters[name], says: says(name, live, ask), besides: besides(live, ask) }
}

function nameOf(live: LiveState, { target }: Ask): CaseName {
  if (isServed(live, target)) return 'served'
  if (live.specDigest === target) return 'on-its-way'
  if (live.kind === 'deployment' || live.kind === 'flagger')
    return armOf(live, target) === undefined ? 'gone' : live.kind
  if (live.view.stableHash === undefined) return 'first'
  if (live.inFlight) {
    if (live.kind === 'blue-green') return live.cutOver === 'after' ? 'cut-over' : 'preview'
    if (live.dynamicStableScale) return 'canary-dynamic'
    return live.router === 'none' ? 'canary-pods' : 'canary-routed'
  }
  const arm = armOf(live, target)
  if (arm === undefined) return 'gone'
  if (arm.ready === 0) return 'cold'
  return live.kind === 'blue-green' ? 'active-warm' : 'promoted-warm'
}

function says(name: CaseName, live: LiveState, { bad, target }: Ask): string {
  const old = shortDigest(target)
  const percent = Math.round(shareOf(live, bad) * 100)
  switch (name) {
    case 'served':
      return `serves ${old} already`
    case 'on-its-way':
      return `asks for ${old} already and does not serve it everywhere yet`
    case 'canary-routed':
      return `a canary behind a router, ${percent} % of the traffic`
    case 'canary-pods':
      return `a canary without a router, ${percent} % of the ready pods`
    case 'canary-dynamic':
      return `a canary whose stable pods shrink as it grows (dynamicStableScale), ${percent} % of the traffic`
    case 'preview':
      return 'blue-green before its cut-over: users never saw it'
    case 'cut-over':
      return 'blue-green after its cut-over, the old pods still stand'
    case 'active-warm':
      return 'blue-green, promoted, the old pods still stand'
    case 'promoted-warm':
      return 'a promoted canary, old pods still stand'
    case 'cold':
      return `promoted, the ReplicaSet of ${old} is at 0`
    case 'gone':
      return `no ReplicaSet of ${old} is left in the cluster`
    case 'first':
      return 'the first release of this workload: nothing was ever stable here'
    case 'deployment':
      return `a Deployment, ${percent} % of the ready pods`
    case 'flagger':
      return `a Deployment that Flagger owns, ${percent} % of the traffic: it judges the old version like a new one`
  }
}

function besides(live: LiveState, ask: Ask): readonly string[] {
  const found: string[] = []
  if (live.pausedByPerson) found.push('spec.paused is set: nothing is scaled before it is taken away')
  if (live.kind === 'deployment' || live.kind === 'flagger') return found
  if (live.view.promoteFull) found.push('a full promotion was asked for: an abort alone would be removed')
  if (live.inFlight && live.old?.complete === false)
    found.push('a stable pod is not ready: the weight can flap until the old template is back')
  if (live.inFlight && live.fresh?.complete === false && live.kind === 'blue-green')
    found.push('a new pod is not ready: an abort after the cut-over would end in an outage')
  if (live.inFlight && live.old !== undefined && live.old.digest !== ask.target)
    found.push('what is stable is not the target: it is left on the way')
  return found
}
