import { dirname, resolve } from 'node:path'
import { readConfig } from '../config/index.ts'
import { parseDuration } from '../release/index.ts'
import { commitTimes, deliveryFigures, deliveryMarkdown, trainsOf } from '../telemetry/index.ts'
import { type Command, parse, refused, wrong } from './command.ts'
import { readOnly } from './gitops.ts'

const usage = `Usage: node cli.mjs metrics [options]

The five figures of delivery (dora.dev) of this service, from its ledger and the commits of this clone.

  --since DURATION  how far back (default: 90d)
  --git URL         Git URL of the GitOps repository (default: from tuesday.yaml)
  --config PATH     default: tuesday.yaml
  --json            the figures as one line of JSON`

const options = {
  since: { type: 'string', default: '90d' },
  git: { type: 'string' },
  config: { type: 'string', default: 'tuesday.yaml' },
} as const

export const metrics: Command = {
  summary: 'how fast and how well this service delivers',
  usage,
  async run(args, ports) {
    const read = parse(args, options)
    if (!read.ok) return wrong(read.why, usage)
    const { since, git, config: path } = read.values
    const span = parseDuration(since)
    if (span === undefined || span <= 0) return wrong(`--since ${since} is no duration, e.g. 90d.`, usage)
    const config = await readConfig(ports.dir, path)
    if (!config.ok) return refused(config.fault)
    const ledger = await readOnly(config.value, git, ports)
    if (!ledger.ok) return refused(ledger.fault)
    const to = ports.clock.now()
    const from = new Date(to.getTime() - span)
    const trains = trainsOf(ledger.value.events)
    const folder = dirname(resolve(ports.dir, path))
    const commits = await commitTimes(trains, { ...ports, folder })
    const figures = deliveryFigures(config.value.service, trains, { from, to }, commits)
    return { exit: 0, text: deliveryMarkdown(figures), data: figures }
  },
}
