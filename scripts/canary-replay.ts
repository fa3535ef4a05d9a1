import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseReplayLine, replay } from '../src/canary/index.ts'

const [file, ...rest] = process.argv.slice(2)
if (file === undefined || rest.length > 0) {
  process.stderr.write('usage: npm run -s canary:replay -- FILE   (JSON lines, one rollout a line)\n')
  process.exit(2)
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
    if (parsed.ok) process.stdout.write(`${JSON.stringify(replay(parsed.value))}\n`)
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
