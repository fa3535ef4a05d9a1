import type { DeliveryFigures, Rate, Spread } from './figures.ts'

/** The five figures in words: what each is called, and its value. */
export function deliveryRows(figures: DeliveryFigures): readonly (readonly [string, string])[] {
  const { frequency, leadTime, recovery, changeFailure, rework } = figures
  return [
    [
      'deployment frequency',
      `${frequency.trainsPerWeek.toFixed(1)} trains a week (${frequency.trains} trains, ${frequency.regions} regions)`,
    ],
    ['change lead time, first region', told(leadTime?.firstRegion, 'commits')],
    ['change lead time, last region', told(leadTime?.lastRegion, 'commits')],
    ['failed deployment recovery time', told(recovery, 'failures')],
    ['change fail rate', share(changeFailure)],
    ['deployment rework rate', share(rework)],
  ]
}

/** The same as a table for a job summary. */
export function deliveryMarkdown(figures: DeliveryFigures): string {
  const { service, from, to } = figures
  return [
    `**${service}**, ${from.slice(0, 10)} to ${to.slice(0, 10)}`,
    '',
    '| figure | value |',
    '|---|---|',
    ...deliveryRows(figures).map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '| region | verified | affected by failures |',
    '|---|---|---|',
    ...Object.entries(figures.regions).map(
      ([name, { deployed, affected }]) => `| ${name} | ${deployed} | ${affected} |`,
    ),
  ].join('\n')
}

function told(spread: Spread | undefined, what: string): string {
  if (spread === undefined) return 'not known'
  return `median ${rough(spread.medianMs)}, nine of ten within ${rough(spread.p90Ms)} (${spread.count} ${what})`
}

function share({ count, of, share: part }: Rate): string {
  return part === undefined ? 'no train' : `${(part * 100).toFixed(1)} % (${count} of ${of})`
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** The two largest units: a train of days needs no seconds. */
function rough(ms: number): string {
  const first = units.findIndex(([, size]) => ms >= size)
  if (first < 0) return '0s'
  let left = ms
  return units
    .slice(first, first + 2)
    .map(([name, size]) => {
      const count = Math.floor(left / size)
      left -= count * size
      return `${count}${name}`
    })
    .filter((part) => !part.startsWith('0'))
    .join(' ')
}
