import { readConfig } from '../config/index.ts'
import { regionRows } from '../report/index.ts'
import { type Command, parse, refused, wrong } from './command.ts'
import { readOnly } from './gitops.ts'

const usage = `Usage: node cli.mjs status [options]

What is where, by the ledger: without GitHub and without the clusters.

  --git URL      Git URL of the GitOps repository (default: from tuesday.yaml)
  --config PATH  default: tuesday.yaml
  --json         the state as one line of JSON`

const options = { git: { type: 'string' }, config: { type: 'string', default: 'tuesday.yaml' } } as const

export const status: Command = {
  summary: 'what is where, by the ledger',
  usage,
  async run(args, ports) {
    const read = parse(args, options)
    if (!read.ok) return wrong(read.why, usage)
    const config = await readConfig(ports.dir, read.values.config)
    if (!config.ok) return refused(config.fault)
    const ledger = await readOnly(config.value, read.values.git, ports)
    if (!ledger.ok) return refused(ledger.fault)
    const { state } = ledger.value
    const rows = regionRows(state, config.value)
    const width = Math.max(...rows.map(({ region }) => region.length))
    const lines = [
      state.train === undefined
        ? `${config.value.service}: no train.`
        : `${config.value.service} ${state.train.release}`,
      ...rows.map(
        ({ region, phase, runs, since }) => `${region.padEnd(width)}  ${phase}, ${runs}, since ${since}`,
      ),
      ...(state.queue === undefined ? [] : [`${state.queue.release} waits behind it.`]),
      ...(state.halt === undefined
        ? []
        : [`Halted by ${state.halt.by} at ${state.halt.at}: ${state.halt.why}`]),
    ]
    return { exit: 0, text: lines.join('\n'), data: state }
  },
}
