import { type LiveState, viewOf } from '../../cluster/index.ts'
import { type Ask, armOf, caseOf, isServed } from './case.ts'
import { aborts, type Move } from './path.ts'

/** What was written so far, and when last (milliseconds of the caller's clock). */
export type Sent = Readonly<Partial<Record<Move, { readonly at: number; readonly times: number }>>>

/** How the pin stands: a self-healing Argo CD takes back whatever is written before it carries the commit. */
export interface Pinned {
  /** When the commit was written; absent while it is not. */
  readonly since?: number
  /** Git refuses the pin: nobody will carry it. */
  readonly refused?: boolean
}

export type Next =
  | { readonly do: Exclude<Move, 'pin' | 'prove'> }
  | { readonly do: 'wait'; readonly why: string }
  | { readonly do: 'served' }

/** A write without effect is sent again after this long; the controller's own cache can lose it (upstream #4694). */
const AGAIN_MS: Readonly<Record<Exclude<Move, 'pin' | 'prove'>, number>> = {
  abort: 1_000,
  unpause: 1_000,
  apply: 5_000,
  'promote-full': 1_500,
}

/** Argo CD needs 1 s to 4 s; one that has not moved by then is down, and heals nothing either. */
export const GITOPS_MS = 10_000

/**
 * The one write that the state asks for now. Pure and level-triggered: it looks at what stands and not at what a
 * run has done before, so that a killed run, a second one beside it and one that was taken back all go on alike.
 */
export function nextMove(live: LiveState, ask: Ask, sent: Sent, pinned: Pinned, now: number): Next {
  if (isServed(live, ask.target)) return { do: 'served' }
  const due = (move: keyof typeof AGAIN_MS): boolean => now - (sent[move]?.at ?? -Infinity) >= AGAIN_MS[move]
  const wait = (why: string): Next => ({ do: 'wait', why })

  if (live.specDigest === ask.target) {
    if (live.pausedByPerson) return due('unpause') ? { do: 'unpause' } : wait('the pause is being taken away')
    if (!live.identified) return wait('the controller has not taken the old template up yet')
    const view = viewOf(live)
    if (view !== undefined && live.inFlight) {
      // In a pause a full promotion was not taken up, though it may stand in the object.
      const open = !view.promoteFull || view.pausedSince !== undefined || view.unpausing
      if (open && due('promote-full')) return { do: 'promote-full' }
    }
    return wait(live.why || 'old pods are getting ready')
  }
  if (live.specDigest !== ask.bad)
    return wait('it asks for an image of somebody else; only the pin changes that')

  const { name } = caseOf(live, ask)
  const view = viewOf(live)
  const abortable = view !== undefined && aborts(live, ask, name)
  if (abortable && view.abortedAt === undefined && due('abort')) return { do: 'abort' }
  if (abortable && live.pausedByPerson && due('unpause')) return { do: 'unpause' }
  if (armOf(live, ask.target) !== undefined && due('apply')) {
    const silent = pinned.since !== undefined && now - pinned.since >= GITOPS_MS
    if (!ask.healed || silent) return { do: 'apply' }
  }
  if (pinned.refused && ask.healed)
    return wait('Git refuses the pin, and Argo CD would take back anything else')
  return wait(pinned.since === undefined ? 'the pin is being written' : 'Argo CD has not carried the pin yet')
}
