/**
 * Scores the OpenAPI comparison on a folder of published pairs: `npm run -s bench:openapi -- --cases DIR`, where DIR
 * holds an index.json with `cases`. One JSON line a figure: under our defaults, and with each label read under the policy
 * of the project that gave it (oasdiff calls added security INFO, which is a policy and no finding). Pairs of two equal
 * documents are counted apart: nothing can tell them from a comparison of a document with itself. `--misses` lists
 * what was judged differently.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { isCore, readCases } from './openapi/cases.ts'
import { type Run, runCase } from './openapi/run.ts'
import { type Figure, figuresOf, missesOf } from './openapi/score.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    misses: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
  },
})
if (values.cases === undefined) {
  console.error('Give the folder of the cases: npm run -s bench:openapi -- --cases DIR [--misses] [--all]')
  process.exit(2)
}
const folder = values.cases
const cases = readCases(folder)
// The first pairs warm the compiler up; a gate runs in a warm process as little as this, so they are run once before.
for (const one of cases.slice(0, 5)) await runCase(folder, one, 'default')

let missed = 0
for (const preset of ['default', 'label'] as const) {
  const runs: Run[] = []
  for (const one of cases) {
    const published = preset === 'label' && one.source === 'oasdiff'
    runs.push(await runCase(folder, one, published ? 'oasdiff' : 'default'))
  }
  const core = runs.filter((run) => isCore(run.given))
  for (const figure of figuresOf(core, runs)) print(figure, preset)
  if (values.misses)
    for (const line of missesOf(values.all ? runs : core))
      console.log(JSON.stringify({ policy: preset, ...line }))
}
process.exitCode = missed > 0 ? 1 : 0

function print({ figure, value, goal, atLeast, ...more }: Figure, preset: string): void {
  const met = goal === undefined ? undefined : atLeast ? value >= goal : value <= goal
  if (met === false && preset === 'label') missed += 1
  const machine = { node: process.version, cores: cpus().length }
  console.log(
    JSON.stringify({ bench: 'openapi', policy: preset, figure, value, goal, met, ...more, ...machine }),
  )
}
