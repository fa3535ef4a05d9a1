import type { Config } from '../config/index.ts'
import { type LedgerState, type ReleaseState, releaseOf } from '../ledger/index.ts'
import { freshFacts, type TrainFacts } from './facts.ts'
import { alarmsOn } from './gates.ts'

/**
 * Releases whose alarm sends them back without asking (T9): the one of the train, and, as long as no other has
 * begun, the one that finished last, within the watch. An older one, or one beside a train that has begun, is
 * asked for: taking it back by itself would drag quiet regions to a third version (counterexample of
 * staged-release §4.7, "auto-rollback on any release's alarm").
 */
export function watched(state: LedgerState, config: Config, now: Date): readonly ReleaseState[] {
  const { train } = state
  const release = train === undefined ? undefined : releaseOf(state, train.release)
  const own = release === undefined ? [] : [release]
  if (train !== undefined && train.started.length > 0) return own
  const last = lastFinished(state)
  const until = last?.endedAt === undefined ? 0 : Date.parse(last.endedAt) + (config.train.watchMs ?? 0)
  return last !== undefined && now.getTime() < until ? [...own, last] : own
}

function lastFinished(state: LedgerState): ReleaseState | undefined {
  return Object.values(state.releases)
    .filter((r) => r.endedAt !== undefined && (r.outcome === 'done' || r.outcome === 'partial'))
    .toSorted((a, b) => ((a.endedAt ?? '') < (b.endedAt ?? '') ? -1 : 1))
    .at(-1)
}

/** An alarm on a release that no rule takes back by itself: a person is asked. One sentence, or nothing. */
export function alarmToAsk(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  now: Date,
): string | undefined {
  const others = Object.values(state.releases).filter((r) => !watched(state, config, now).includes(r))
  for (const name of config.train.order) {
    const fresh = freshFacts(name, facts.regions.get(name), now, config.train.factAgeMs)
    if ('gate' in fresh) continue
    for (const release of others) {
      const [alarm] = alarmsOn(fresh.facts, release)
      if (alarm === undefined) continue
      return `${name} alarms on ${release.id}, which is not watched any more: ${alarm.name} since ${alarm.since}: ${alarm.why}`
    }
  }
  return undefined
}
