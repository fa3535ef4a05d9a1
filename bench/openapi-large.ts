/**
 * Size: 10,000 operations, and documents of 10 MB as JSON and as YAML, each read, parsed and compared with an edited
 * one. One JSON line a figure. `node bench/openapi-large.ts`
 */
import { stringify } from 'yaml'
import { compareDescriptions, type FileReader, loadDescription } from '../src/contract/index.ts'
import { largeDescription } from './openapi/large.ts'

const goals = { 'ms, 10^4 operations compared': 1000, 'ms, 10 MB of JSON': 2000, 'ms, 10 MB of YAML': 2000 }
let missed = 0

const many = 10_000
const [base, revision] = [largeDescription(many, false), largeDescription(many, true)]
const json = [JSON.stringify(base), JSON.stringify(revision)] as const
await measure('ms, 10^4 operations compared', json, true)

const wide = JSON.stringify(largeDescription(11_000, false), undefined, 1)
await measure(
  'ms, 10 MB of JSON',
  [wide, JSON.stringify(largeDescription(11_000, true), undefined, 1)],
  false,
)
const yaml = [stringify(largeDescription(13_000, false)), stringify(largeDescription(13_000, true))] as const
await measure('ms, 10 MB of YAML', yaml, false)
process.exitCode = missed > 0 ? 1 : 0

async function measure(
  figure: keyof typeof goals,
  [from, to]: readonly [string, string],
  comparedOnly: boolean,
): Promise<void> {
  const reader: FileReader = { read: async (path) => ({ ok: true, value: path === 'base.yaml' ? from : to }) }
  const cpu = process.cpuUsage()
  const started = performance.now()
  const [before, after] = [
    await loadDescription('base.yaml', reader),
    await loadDescription('head.yaml', reader),
  ]
  const loaded = performance.now()
  if (!before.ok || !after.ok) throw new Error('a large description was refused')
  const compared = compareDescriptions(before.value, after.value)
  if (!compared.ok || compared.value.counts.error === 0) throw new Error('the edit was not found')
  const ended = performance.now()
  const value = Math.round(ended - (comparedOnly ? loaded : started))
  const goal = goals[figure]
  const { user, system } = process.cpuUsage(cpu)
  const cpuMs = Math.round((user + system) / 1000)
  if (value > goal) missed += 1
  const parts = { cpuMs, loadMs: Math.round(loaded - started), compareMs: Math.round(ended - loaded) }
  const size = { bytesOfBoth: from.length + to.length, findings: compared.value.counts }
  console.log(
    JSON.stringify({ bench: 'openapi-large', figure, value, goal, met: value <= goal, ...parts, ...size }),
  )
}
