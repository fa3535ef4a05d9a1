/**
 * How fast and how wrong: `npm run -s bench:canary [-- --runs 1000] [--seed N] [--only REGEX]` plays the worlds of
 * canary-statistics reference §4 to the gate's own judge and to models of Argo Rollouts', Flagger's and Kayenta's
 * documented rules, on the same counts. One JSON line a cell; ends with 1 when a goal is missed.
 */
import { parseArgs } from 'node:util'
import { errorCells, latencyCells } from './canary/cells.ts'
import { errorScenarios, latencyScenarios } from './canary/scenarios.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '20261121' },
    only: { type: 'string', default: '' },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed)
const only = new RegExp(values.only)
const wanted = ({ name }: { readonly name: string }) => only.test(name)

let missed = 0
const print = (kind: string, cells: ReturnType<typeof errorCells>) => {
  for (const cell of cells) {
    if (cell.met === false) missed++
    console.log(JSON.stringify({ bench: 'canary', kind, ...cell }))
  }
}
// Every scenario has seeds of its own, so that one can be run alone and gives the same line.
for (const [at, scenario] of errorScenarios.entries()) {
  if (wanted(scenario)) print('errors', errorCells(scenario, runs, seed + at * 1_000_000))
}
for (const [at, scenario] of latencyScenarios.entries()) {
  if (wanted(scenario)) print('latency', latencyCells(scenario, runs, seed + (at + 100) * 1_000_000))
}
process.exitCode = missed > 0 ? 1 : 0
