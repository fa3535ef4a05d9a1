/**
 * `npm run -s bench:sql -- --cases FILE [--oracle locks|verdict] [--misses]`: how well statements are judged before
 * they run, against measurements (locks) or against verdicts (verdict). One JSON line a figure.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { reportMeasured } from './sql/measured-verdicts.ts'
import { reportLocks } from './sql/report-locks.ts'
import { reportVerdicts } from './sql/report-verdicts.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    oracle: { type: 'string', default: 'verdict' },
    misses: { type: 'boolean', default: false },
  },
})
if (values.cases === undefined) {
  console.error('Name the file of cases: --cases FILE')
  process.exit(2)
}
const file = JSON.parse(readFileSync(values.cases, 'utf8'))
if (values.oracle === 'locks') await reportLocks(file, values.misses)
else if (values.oracle === 'verdict')
  await ('base_schema' in file ? reportMeasured : reportVerdicts)(file, values.misses)
else {
  console.error(`--oracle is locks or verdict, not ${values.oracle}`)
  process.exit(2)
}
