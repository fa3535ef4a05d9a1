/**
 * 100,000 untidy YAML documents, one edit each: only the one value changed, or a refusal with its cause.
 * `node bench/pins-fuzz.ts [documents] [seed]`; the seed stands in the answer, so a failure can be run again.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { checkSplice, spliceCase } from './pins/splice-property.ts'

const [documents = 100_000, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
const outcomes = new Map<string, number>()
const started = performance.now()
const run = fc.check(
  fc.property(spliceCase, (given) => {
    const outcome = checkSplice(given)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }),
  { numRuns: documents, seed },
)
const seconds = Math.round((performance.now() - started) / 100) / 10
const counts = Object.fromEntries([...outcomes].sort(([, a], [, b]) => b - a))
console.log(
  JSON.stringify({
    bench: 'pins-fuzz',
    documents: run.numRuns,
    seed,
    failed: run.failed,
    seconds,
    outcomes: counts,
  }),
)
if (run.failed) {
  console.error(fc.defaultReportMessage(run))
  process.exitCode = 1
}
