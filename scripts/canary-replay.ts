import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { parseReplayLine, parseThresholds, replay, withThresholds } from '../src/canary/index.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { thresholds: { type: 'string' } },
})
const [file, ...rest] = positionals
if (file === undefined || rest.length > 0) {
  process.stderr.write(
    'usage: npm run -s canary:replay -- FILE [--thresholds FILE]   (JSON lines, one rollout a line)\n',
  )
  process.exit(2)
}
// Thresholds of placebo runs stand for every line that brings none of its own.
const thresholds =
  values.thresholds === undefined
    ? undefined
    : parseThresholds(readFileSync(values.thresholds, 'utf8'), values.thresholds)
if (thresholds?.ok === false) {
  process.stderr.write(`${thresholds.fault.cause} ${thresholds.fault.next}\n`)
  process.exit(1)
}

let number = 0
let failed = false
try {
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number++
    if (text.trim() === '') continue
    const parsed = parseReplayLine(text, number, file)
    if (parsed.ok)
      process.stdout.write(`${JSON.stringify(replay(withThresholds(parsed.value, thresholds?.value)))}\n`)
    else {
      failed = true
      process.stderr.write(`${parsed.fault.cause} ${parsed.fault.next}\n`)
    }
  }
} catch (error) {
  failed = true
  process.stderr.write(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}\n`)
}
process.exitCode = failed ? 1 : 0
