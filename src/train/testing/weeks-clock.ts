import type { Config } from '../../config/index.ts'
import { releaseOf } from '../../ledger/index.ts'
import type { Broken } from './invariants.ts'
import { daysOff, freezes } from './weeks-config.ts'
import type { World } from './world.ts'

/** When a region may start, read off a wall clock by Intl alone: nothing of the calendar's own arithmetic is in it. */
interface Wall {
  readonly date: string
  readonly weekday: string
  readonly time: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

function wallOf(at: Date, timeZone: string): Wall {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
  formats.set(timeZone, format)
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    date: `${parts.year}-${parts.month}-${parts.day}`,
    weekday: (parts.weekday ?? '').replace('.', ''),
    time: `${parts.hour}:${parts.minute}`,
  }
}

export function brokenClock(before: World, after: World, config: Config): readonly Broken[] {
  const had = before.state.train?.release === after.state.train?.release ? before.state.train?.started : []
  const started = (after.state.train?.started ?? []).slice(had?.length ?? 0)
  const release = releaseOf(after.state, after.state.train?.release ?? '')
  return started.flatMap((name, index) => {
    const wall = wallOf(after.now, config.environments[name]?.timezone ?? 'UTC')
    const local = `${wall.date}T${wall.time}`
    const frozen = freezes.some((f) => f.from <= local && local < f.until)
    const first = index === 0 && (had?.length ?? 0) === 0
    const train = wallOf(after.now, config.train.timezone)
    const last = before.state.starts.at(-1)
    const wrong =
      release?.kind === 'hotfix'
        ? []
        : [
            ...(['Mon', 'Tue', 'Wed', 'Thu'].includes(wall.weekday) ? [] : [`on ${wall.weekday}`]),
            ...('09:00' <= wall.time && wall.time <= '11:45' ? [] : [`at ${wall.time}`]),
            ...(frozen ? ['in a freeze'] : []),
            ...(daysOff[name]?.includes(wall.date) ? ['on a day off'] : []),
            ...(first && train.weekday !== 'Tue' ? [`as the first on ${train.weekday}`] : []),
            ...(last !== undefined && after.now.getTime() - Date.parse(last.at) < config.train.spacingMs
              ? ['too soon']
              : []),
          ]
    return wrong.map((what) => ({ invariant: 'clock', what: `${name} started ${what} (${local})` }))
  })
}
