import type { Config } from '../../config/index.ts'
import { type LedgerState, regionOf, releaseOf } from '../../ledger/index.ts'
import { type Digest, ok, type Result } from '../../release/index.ts'
import * as people from '../people.ts'
import { haltEvents, rollbackPlan, startRollbackEvent } from '../rollback.ts'
import type { Wish } from '../wish.ts'
import type { Bounds } from './model.ts'
import { commit, type Rules } from './moves.ts'
import { digestOf, released, shaOf, type World } from './world.ts'

type Moved = readonly [string, World]

/** What people may do; `bounds` says which of it. */
export function peopleMoves(world: World, config: Config, use: Rules, bounds: Bounds): readonly Moved[] {
  const { state, now } = world
  const list: Moved[] = []
  const add = (by: string, wish: Result<Wish>) => {
    if (wish.ok && wish.value.events.length > 0) list.push([by, commit(world, wish.value.events, use)])
  }
  const next = state.releaseCount + 1
  if (next <= bounds.releases) {
    list.push([`release ${next}`, released(world, config, next)])
    const first = !Object.values(state.releases).some((r) => r.kind === 'hotfix')
    if (bounds.hotfix === true && next > 1 && first) {
      list.push([`hotfix ${next}`, released(world, config, next, 'hotfix')])
    }
    for (const n of numbersOf(world.condemned ?? []))
      list.push([`release ${n} again`, released(world, config, n)])
  }
  // What went back without a veto is proposed again under its number.
  const newest = releaseOf(state, `r${state.releaseCount}`)
  for (const n of newest?.outcome === 'rolled-back' ? numbersOf([newest.digest]) : [])
    list.push([`release ${n} again`, released(world, config, n)])
  approveAgain(state, config, now, add)
  if (state.halt === undefined) add('halt', ok(people.halt(state, 'ada', 'incident')))
  add('clear', people.resume(state, undefined, 'ada', 'over'))
  notes(state, config, bounds, add)
  if (bounds.people?.includes('cancel'))
    add('cancel', people.cancel(state, config, { person: 'ada', reason: 'enough' }))
  const release = releaseOf(state, state.train?.release ?? '')
  if (bounds.people?.includes('revoke') && release !== undefined)
    add('revoke', people.revoke(state, release, { person: 'grace', reason: 'not so' }))
  if (bounds.people?.includes('rollback')) add('rollback', rollback(state, config))
  return list
}

function numbersOf(digests: readonly Digest[]): readonly number[] {
  return [1, 2, 3].filter((n) => digests.includes(digestOf(n)))
}

/** An approval that ran out is given again. */
function approveAgain(
  state: LedgerState,
  config: Config,
  now: Date,
  add: (by: string, wish: Result<Wish>) => void,
): void {
  for (const train of [state.train, state.queue]) {
    const release = train === undefined ? undefined : state.releases[train.release]
    if (train === undefined || release === undefined) continue
    if (train.approvals.some((a) => new Date(a.until) > now)) continue
    add('approve again', people.approve(state, config, { person: 'grace', at: now, release }))
  }
}

/** Holds and exclusions of one region, the second: the others are alike. */
function notes(
  state: LedgerState,
  config: Config,
  bounds: Bounds,
  add: (by: string, wish: Result<Wish>) => void,
): void {
  const name = config.train.order[1] ?? ''
  const said = { person: 'ada', reason: 'because' }
  if (bounds.people?.includes('hold')) {
    add('hold', ok(people.hold(state, name, said)))
    add('hold and skip', ok(people.hold(state, name, { ...said, skip: true })))
    if (regionOf(state, name)?.hold !== undefined) add('resume', people.resume(state, name, 'ada', 'over'))
  }
  if (bounds.people?.includes('exclude')) {
    add('exclude', ok(people.exclude(state, name, said)))
    add('include', people.include(state, name, said))
  }
}

/** The rollback action, run by a person: of whatever is newest in production. */
function rollback(state: LedgerState, config: Config): Result<Wish> {
  const plan = rollbackPlan(state, config, { regions: 'all' })
  if (!plan.ok || plan.value.items.some((i) => i.begun)) return ok({ events: [], why: '' })
  const cause = { person: 'ada', reason: 'halted', why: 'it is bad', auto: false } as const
  const [first] = plan.value.items
  const events = [...haltEvents(state, plan.value, cause)]
  if (first !== undefined) events.push(startRollbackEvent(state, first, shaOf(1)))
  return ok({ events, why: 'rollback' })
}
