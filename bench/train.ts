import { parseArgs } from 'node:util'
import { measureContention } from './train/contention.ts'
import { measureLedger } from './train/ledger.ts'
import { largeSetups, measureModel, setups } from './train/model.ts'
import { measureWalks } from './train/walks.ts'
import { measureWeeks } from './train/weeks.ts'

/**
 * `npm run bench:train -- [ledger] [model] [walks] [weeks] [contention] [large] [--walks=N] [--rounds=N] [--seed=N]`: proofs of the train that take minutes.
 * JSON lines. Without names: all but the large models.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    walks: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
})
const asked = (name: string) => positionals.length === 0 || positionals.includes(name)
const print = (line: object): void => console.log(JSON.stringify(line))

let good = true
if (asked('ledger')) good = measureLedger(10_000, 9, print) && good
if (asked('model')) good = measureModel(setups, print) && good
if (asked('walks')) good = measureWalks(Number(values.walks), Number(values.seed), print) && good
if (asked('weeks')) good = measureWeeks(5, print) && good
if (asked('contention')) good = (await measureContention(Number(values.rounds), print)) && good
if (positionals.includes('large')) good = measureModel(largeSetups, print) && good
if (!good) process.exitCode = 1
