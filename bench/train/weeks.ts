import { type Entry, from, simulate, weeks } from '../../src/train/testing/weeks.ts'
import { weeksConfig } from '../../src/train/testing/weeks-config.ts'

/** The ten weeks of the tests, from several seeds; the calendar of the first one on stderr, a line a region. */
export function measureWeeks(seeds: number, print: (line: object) => void): boolean {
  let good = true
  for (let seed = 1; seed <= seeds; seed++) {
    const start = performance.now()
    const { entries, ticks, missed, broken } = simulate(seed)
    const seconds = Math.round((performance.now() - start) / 10) / 100
    const ended = (how: string) => entries.filter(({ what }) => what.endsWith(` ${how}`)).length
    const outcomes = {
      done: ended('done'),
      rolledBack: ended('rolled-back'),
      preempted: ended('preempted'),
    }
    print({ bench: 'train-weeks', seed, weeks, ticks, missed, ...outcomes, broken, seconds })
    if (seed === 1) process.stderr.write(calendar(entries))
    good &&= broken.length === 0
  }
  return good
}

/** One row a day on which something happened, one column a region, by the day of UTC. */
function calendar(entries: readonly Entry[]): string {
  const regions = [...weeksConfig().train.order, 'service']
  const days = Map.groupBy(entries, ({ at }) => at.toISOString().slice(0, 10))
  const cell = (day: readonly Entry[], region: string): string =>
    day
      .filter((entry) => (entry.region ?? 'service') === region)
      .map(({ what }) => what.slice(0, 60))
      .join(', ')
  const rows = [...days].map(([day, list]) => [weekday(day), ...regions.map((region) => cell(list, region))])
  const told = rows.filter((row) => row.slice(1).some((text) => text !== ''))
  const table = [[`from ${from.toISOString().slice(0, 10)}`, ...regions], ...told]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) => `${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
    .concat('\n')
}

function weekday(day: string): string {
  return `${day} ${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(day).getUTCDay()]}`
}
