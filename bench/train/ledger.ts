import { verifyLog } from '../../src/ledger/index.ts'
import { longLedger } from '../../src/ledger/testing/long-ledger.ts'

/** Reading and verifying a long ledger: what every run does first. */
export function measureLedger(events: number, rounds: number, print: (line: object) => void): boolean {
  const files = longLedger(events)
  const bytes = [...files.values()].reduce((sum, text) => sum + text.length, 0)
  const times: number[] = []
  let good = true
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const read = verifyLog('shop', files)
    times.push(performance.now() - start)
    good &&= read.ok && read.value.state.head.seq === events
  }
  const sorted = times.toSorted((a, b) => a - b).map(Math.round)
  const [best = 0] = sorted
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  print({
    bench: 'train-ledger',
    events,
    bytes,
    rounds,
    bestMs: best,
    medianMs: median,
    firstMs: Math.round(times[0] ?? 0),
  })
  return good
}
