import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { planTrain } from '../../src/calendar/index.ts'
import type { Config } from '../../src/config/index.ts'
import type { Ledger } from '../../src/ledger/index.ts'
import { type TrainPage, trainPageHtml } from '../../src/report/index.ts'
import { commitTimes, deliveryFigures, deliveryRows, trainsOf } from '../../src/telemetry/index.ts'
import type { Decision } from '../../src/train/index.ts'
import type { RolloutContext } from './request.ts'

const quarterMs = 90 * 86_400_000

/** Writes the page of the train to the path of the input `page`, and answers with that path. */
export async function writeStatusPage(
  context: RolloutContext,
  path: string,
  { config, ledger, decision, now }: { config: Config; ledger: Ledger; decision: Decision; now: Date },
): Promise<string> {
  const { runner, inputs, exec, env, signal } = context
  const file = resolve(runner.workspace, path)
  const trains = trainsOf(ledger.events)
  const from = new Date(now.getTime() - quarterMs)
  const recent = trains.filter(({ startedAt }) => startedAt >= from.getTime())
  const folder = join(runner.workspace, inputs.source)
  const commits = await commitTimes(recent, { exec, env, signal, folder })
  const figures = deliveryFigures(config.service, trains, { from, to: now }, commits)
  const page = trainPageHtml({
    config,
    state: ledger.state,
    events: ledger.events,
    now,
    why: decision.why,
    ...(decision.until === undefined ? {} : { until: decision.until }),
    gates: decision.gates.map(({ name, region, result }) => ({
      name,
      region: region ?? '',
      verdict: result.verdict,
      why: result.why,
    })),
    plan: planOf(config, ledger, now),
    tables: [{ title: 'Delivery, last 90 days', rows: [['figure', 'value'], ...deliveryRows(figures)] }],
  })
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, page)
  return file
}

function planOf(config: Config, { state }: Ledger, now: Date): TrainPage['plan'] {
  const { train, starts } = state
  if (train === undefined) return { without: 'no train is under way.' }
  // The last start of each region is the train's, as long as the train has started it.
  const started = train.started.flatMap((region) => starts.findLast((each) => each.region === region) ?? [])
  const planned = planTrain(config, { now, started, needMs: config.train.bakeMs })
  return planned.ok ? { stops: planned.value.stops } : { without: planned.fault.cause }
}
