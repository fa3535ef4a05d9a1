import { describe, expect, it } from 'vitest'
import {
  aborted,
  allOn,
  arm,
  bad,
  blueGreen,
  canary,
  cold,
  deployment,
  firstView,
  fresh,
  good,
  other,
  promoted,
  settled,
  view,
  warm,
} from '../testing/live.ts'
import { type Ask, caseOf } from './case.ts'
import { GITOPS_MS, type Next, nextMove, type Pinned, type Sent } from './next.ts'
import { type Move, pathOf } from './path.ts'

const ask: Ask = { bad, target: good, healed: false }
const underSelfHeal: Ask = { ...ask, healed: true }

type Row = [
  what: string,
  live: Parameters<typeof pathOf>[0],
  ask: Ask,
  name: string,
  moves: string,
  seconds: number,
]

describe('the case that stands, and the way back from it', () => {
  it.each<Row>([
    ['A in flight', canary(), ask, 'A canary-routed', 'abort apply pin prove', 1],
    ['A under self-heal', canary(), underSelfHeal, 'A canary-routed', 'abort pin prove', 1],
    [
      'A with a stable pod that is not ready',
      canary({ old: arm('old', good, 4) }),
      ask,
      'A canary-routed',
      'abort apply pin prove',
      1,
    ],
    [
      'A with spec.paused',
      canary({ pausedByPerson: true }),
      ask,
      'A canary-routed',
      'abort unpause apply pin prove',
      1,
    ],
    [
      'A with a full promotion pending',
      canary({ view: { ...view, promoteFull: true } }),
      ask,
      'A canary-routed',
      'abort apply pin prove',
      1,
    ],
    [
      'A with a weight that only the controller reports',
      canary({ router: 'reported' }),
      ask,
      'A canary-routed',
      'abort apply pin prove',
      1,
    ],
    ['B in flight', canary({ router: 'none' }), ask, 'B canary-pods', 'abort apply pin prove', 1],
    [
      'B without a pod to spare: round after round of pod starts',
      canary({
        router: 'none',
        surge: { maxUnavailable: 0, maxSurge: 1 },
        arms: [fresh, arm('old', good, 2)],
      }),
      ask,
      'B canary-pods',
      'abort apply pin prove',
      16,
    ],
    [
      'B with crashing new pods',
      canary({ router: 'none', routed: allOn(good), fresh: arm('new', bad, 0) }),
      ask,
      'B canary-pods',
      'abort apply pin prove',
      1,
    ],
    [
      'C: an abort would scale twice, or never end',
      canary({ dynamicStableScale: true, arms: [fresh, arm('old', good, 2)] }),
      ask,
      'C canary-dynamic',
      'apply pin prove',
      6,
    ],
    [
      'C under self-heal',
      canary({ dynamicStableScale: true, abortDelaySaid: true, arms: [fresh, arm('old', good, 2)] }),
      underSelfHeal,
      'C canary-dynamic',
      'pin prove',
      9,
    ],
    [
      'D before the cut-over',
      blueGreen({ routed: allOn(good) }),
      ask,
      'D preview',
      'abort apply pin prove',
      1,
    ],
    [
      'E after the cut-over: never an abort',
      blueGreen({ cutOver: 'after', routed: allOn(bad) }),
      ask,
      'E cut-over',
      'apply pin prove',
      1,
    ],
    [
      'E with one crashing new pod, under self-heal',
      blueGreen({ cutOver: 'after', routed: allOn(bad), fresh: arm('new', bad, 4) }),
      underSelfHeal,
      'E cut-over',
      'pin prove',
      4,
    ],
    [
      'F promoted, the old pods up',
      blueGreen({ ...promoted, cutOver: 'settled', view: settled }),
      ask,
      'F active-warm',
      'apply pin promote-full prove',
      1,
    ],
    [
      'G promoted, the old pods up',
      canary({ ...promoted, view: settled }),
      ask,
      'G promoted-warm',
      'apply pin promote-full prove',
      1,
    ],
    [
      'G with a rollbackWindow skips the steps by itself',
      canary({ ...promoted, view: settled, rollbackWindow: 1 }),
      ask,
      'G promoted-warm',
      'apply pin prove',
      1,
    ],
    [
      'G under self-heal',
      canary({ ...promoted, view: settled }),
      underSelfHeal,
      'G promoted-warm',
      'pin promote-full prove',
      4,
    ],
    [
      'H promoted, the old ReplicaSet at 0',
      canary({ ...promoted, view: settled, arms: [fresh, cold] }),
      ask,
      'H cold',
      'apply pin promote-full prove',
      6,
    ],
    [
      'H of a blue-green Rollout that waits to be promoted',
      blueGreen({ ...promoted, cutOver: 'settled', view: settled, arms: [fresh, cold] }),
      ask,
      'H cold',
      'apply pin promote-full prove',
      6,
    ],
    [
      'no ReplicaSet of the target left',
      canary({ ...promoted, view: settled, arms: [fresh] }),
      ask,
      'H gone',
      'pin promote-full prove',
      9,
    ],
    [
      'I: an aborted revision between is not gone to',
      canary({ arms: [fresh, arm('mid', aborted, 0, 0), warm] }),
      ask,
      'A canary-routed',
      'abort apply pin prove',
      1,
    ],
    [
      'what is stable is not the target',
      canary({ old: arm('mid', aborted, 5), arms: [fresh, arm('mid', aborted, 5), cold] }),
      ask,
      'A canary-routed',
      'abort apply pin promote-full prove',
      1,
    ],
    ['J the first release', canary({ view: firstView, arms: [fresh] }), ask, 'J first', 'pin prove', 9],
    ['K a Deployment', deployment(), ask, 'K deployment', 'apply pin prove', 1],
    [
      'K promoted: the old pods have to start',
      deployment({ routed: allOn(bad), arms: [fresh, cold] }),
      ask,
      'K deployment',
      'apply pin prove',
      11,
    ],
    [
      'K with spec.paused',
      deployment({ pausedByPerson: true }),
      underSelfHeal,
      'K deployment',
      'unpause pin prove',
      4,
    ],
    [
      'back already',
      canary({ specDigest: good, inFlight: false, routed: allOn(good) }),
      ask,
      '- served',
      'pin prove',
      0,
    ],
    [
      'on its way already, walking the steps',
      canary({ specDigest: good }),
      ask,
      '- on-its-way',
      'pin promote-full prove',
      4,
    ],
  ])('%s', (_, live, asked, name, moves, seconds) => {
    const path = pathOf(live, asked)
    expect(`${path.case.letter} ${path.case.name}`).toBe(name)
    expect(path.moves.join(' ')).toBe(moves)
    expect(path.seconds).toBe(seconds)
    expect(path.limit).not.toBe('')
  })

  it.each<[string, Parameters<typeof caseOf>[0], RegExp]>([
    ['a pause of a person', canary({ pausedByPerson: true }), /spec\.paused/],
    ['a full promotion', canary({ view: { ...view, promoteFull: true } }), /full promotion/],
    ['a stable pod that is not ready', canary({ old: arm('old', good, 4) }), /flap/],
    ['a crashing new pod', blueGreen({ fresh: arm('new', bad, 4) }), /outage/],
    ['another stable than the target', canary({ old: arm('mid', aborted, 5) }), /not the target/],
  ])('names %s', (_, live, words) => {
    expect(caseOf(live, ask).besides.join('\n')).toMatch(words)
  })
})

const now = 100_000
const sent = (move: Move, ago: number): Sent => ({ [move]: { at: now - ago, times: 1 } })
const nothing: Sent = {}
const pinnedNow: Pinned = { since: now }
const carriedLate: Pinned = { since: now - GITOPS_MS }

describe('the next write', () => {
  it.each<[string, Parameters<typeof nextMove>[0], Ask, Sent, Pinned, Next['do']]>([
    ['an abort comes first', canary(), ask, nothing, {}, 'abort'],
    ['the old template follows at once', canary(), ask, sent('abort', 10), {}, 'apply'],
    [
      'self-heal would take it back, so the pin is waited for',
      canary(),
      underSelfHeal,
      sent('abort', 10),
      {},
      'wait',
    ],
    ['a lost abort is sent again', canary(), underSelfHeal, sent('abort', 1_000), pinnedNow, 'abort'],
    [
      'an abort that was taken up is not',
      canary({ view: { ...view, abortedAt: new Date(0) } }),
      underSelfHeal,
      sent('abort', 9_000),
      pinnedNow,
      'wait',
    ],
    [
      'a paused canary is scaled only without its pause',
      canary({ pausedByPerson: true }),
      underSelfHeal,
      sent('abort', 10),
      {},
      'unpause',
    ],
    [
      'a paused workload keeps its pause until the old template stands: the bad one would roll on',
      deployment({ pausedByPerson: true }),
      underSelfHeal,
      nothing,
      pinnedNow,
      'wait',
    ],
    [
      'then it is taken away',
      deployment({ pausedByPerson: true, specDigest: good }),
      underSelfHeal,
      nothing,
      pinnedNow,
      'unpause',
    ],
    ['never an abort after the cut-over', blueGreen({ cutOver: 'after' }), ask, nothing, {}, 'apply'],
    [
      'an Argo CD that is down heals nothing',
      blueGreen({ cutOver: 'after' }),
      underSelfHeal,
      nothing,
      carriedLate,
      'apply',
    ],
    [
      'with Git refused and self-heal on there is nothing to write',
      blueGreen({ cutOver: 'after' }),
      underSelfHeal,
      nothing,
      { refused: true },
      'wait',
    ],
    [
      'no full promotion before the controller has observed the template',
      canary({ specDigest: good, identified: false }),
      ask,
      nothing,
      {},
      'wait',
    ],
    ['then it is sent', canary({ specDigest: good }), ask, nothing, {}, 'promote-full'],
    [
      'one that was taken up is not sent again',
      canary({ specDigest: good, view: { ...view, promoteFull: true, phase: 'progressing' } }),
      ask,
      sent('promote-full', 9_000),
      {},
      'wait',
    ],
    [
      'one that stands in a pause was lost',
      canary({ specDigest: good, view: { ...view, promoteFull: true, pausedSince: new Date(0) } }),
      ask,
      sent('promote-full', 1_500),
      {},
      'promote-full',
    ],
    ['an image of somebody else is not touched', canary({ specDigest: other }), ask, nothing, {}, 'wait'],
    [
      'Healthy is not enough while part of the traffic is dark',
      canary({
        specDigest: good,
        inFlight: false,
        healthy: true,
        routed: { served: [{ digest: good, share: 0.8 }], dark: 0.2, unnamed: 0 },
        view: { ...settled, specDigest: good },
      }),
      ask,
      nothing,
      {},
      'wait',
    ],
    [
      'done is when all traffic is on the target',
      canary({ specDigest: good, inFlight: false, routed: allOn(good) }),
      ask,
      nothing,
      {},
      'served',
    ],
  ])('%s', (_, live, asked, before, pinned, what) => {
    expect(nextMove(live, asked, before, pinned, now).do).toBe(what)
  })
})
