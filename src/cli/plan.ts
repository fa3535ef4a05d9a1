import { planTrain, type TrainPlan, trainDay } from '../calendar/index.ts'
import { type Config, configWarnings, readConfig } from '../config/index.ts'
import { type Command, parse, refused, wrong } from './command.ts'

const usage = `Usage: node cli.mjs plan [options]

Prints when each region of a train that starts next would go, and the days on which it cannot.

  --needs MINUTES   what one region takes until it is verified (default: the bake)
  --now TIME        another time than now, e.g. 2026-11-17T14:00:00Z
  --config PATH     default: tuesday.yaml
  --json            the answer as one line of JSON`

const options = {
  needs: { type: 'string' },
  now: { type: 'string' },
  config: { type: 'string', default: 'tuesday.yaml' },
} as const

export const plan: Command = {
  summary: 'the calendar of the next train',
  usage,
  async run(args, { dir, clock, logger }) {
    const read = parse(args, options)
    if (!read.ok) return wrong(read.why, usage)
    const { needs, now: asked, config: path } = read.values
    const now = asked === undefined ? clock.now() : new Date(asked)
    if (Number.isNaN(now.getTime()))
      return wrong(`--now ${asked} is no time, e.g. 2026-11-17T14:00:00Z.`, usage)
    if (needs !== undefined && !/^\d{1,4}$/.test(needs))
      return wrong(`--needs ${needs} is no number of minutes.`, usage)
    const config = await readConfig(dir, path)
    if (!config.ok) return refused(config.fault)
    for (const warning of configWarnings(config.value)) logger.warn(warning)
    const needMs = needs === undefined ? needOf(config.value) : Number(needs) * 60_000
    const planned = planTrain(config.value, { now, needMs })
    if (!planned.ok) return refused(planned.fault)
    return { exit: 0, text: told(config.value, planned.value), data: planned.value }
  },
}

/** Nothing is known of how long a region takes before one has: the bake at the least, or the margin of the policy. */
function needOf({ train, calendar }: Config): number {
  return Math.max(train.bakeMs, calendar?.endMarginMs ?? 0)
}

function told({ service, train }: Config, { stops, doneAt, nextStart }: TrainPlan): string {
  const width = Math.max(...stops.map(({ region }) => region.length))
  const lines = stops.flatMap(({ region, local, zone, at, slips }) => [
    `${region.padEnd(width)}  ${local}  ${zone}  (${at.toISOString()})`,
    ...slips.map(({ day, why }) => `${''.padEnd(width)}  not ${day}: ${why}`),
  ])
  const next =
    nextStart === undefined ? '' : ` The next release may start on ${trainDay(nextStart, train.timezone)}.`
  return [`A train of ${service}:`, ...lines, `Done about ${doneAt.toISOString()}.${next}`].join('\n')
}
