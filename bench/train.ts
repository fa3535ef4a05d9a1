import { parseArgs } from 'node:util'
import { largeSetups, measureModel, setups } from './train/model.ts'

/** `npm run bench:train -- [model] [large]`: proofs of the train that take minutes. JSON lines. */
const { positionals } = parseArgs({ allowPositionals: true })
const asked = (name: string) => positionals.length === 0 || positionals.includes(name)
const print = (line: object): void => console.log(JSON.stringify(line))

let good = true
if (asked('model')) good = measureModel(setups, print) && good
if (positionals.includes('large')) good = measureModel(largeSetups, print) && good
if (!good) process.exitCode = 1
