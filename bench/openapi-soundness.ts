/**
 * Random pairs of schemas with random instances, ajv as the judge: nothing that the comparer calls compatible may
 * reject an instance. `node bench/openapi-soundness.ts [pairs] [seed]`; the seed of a defect makes it again.
 * Over-strict: claims of an effect that none of the instances showed, so an upper bound.
 */
import { randomInt } from 'node:crypto'
import { runTrial } from './openapi/soundness.ts'

const [pairs = 100_000, first = randomInt(2 ** 30)] = process.argv.slice(2).map(Number)
const started = performance.now()
const counts = {
  judged: 0,
  refused: 0,
  unsound: 0,
  exceptions: 0,
  claimed: 0,
  witnessed: 0,
  unchanged: 0,
}
for (let seed = first; seed < first + pairs; seed += 1) {
  let trial: ReturnType<typeof runTrial>
  try {
    trial = runTrial(seed)
  } catch (error) {
    counts.exceptions += 1
    if (counts.exceptions <= 3) console.error(seed, error)
    continue
  }
  if (trial === undefined) {
    counts.refused += 1
    continue
  }
  counts.judged += 1
  counts.claimed += trial.claimed
  counts.witnessed += trial.witnessed
  if (trial.effect === 'none') counts.unchanged += 1
  if (!('unsound' in trial)) continue
  counts.unsound += 1
  if (counts.unsound <= 5) console.error(JSON.stringify(trial))
}
const seconds = Math.round((performance.now() - started) / 100) / 10
const overStrict = Math.round((1 - counts.witnessed / counts.claimed) * 1000) / 1000
console.log(
  JSON.stringify({ bench: 'openapi-soundness', pairs, seed: first, ...counts, overStrict, seconds }),
)
process.exitCode = counts.unsound + counts.exceptions > 0 ? 1 : 0
