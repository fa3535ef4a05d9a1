import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import {
  parseReplayLine,
  parseThresholds,
  type ReplayVerdict,
  replay,
  replayByBlock,
  unjudged,
  unreadableLine,
  withThresholds,
} from '../src/canary/index.ts'

const USAGE = `usage: npm run -s canary:replay -- FILE [--by-block] [--thresholds FILE]

FILE         JSON lines, one rollout a line (docs/canary.md); a JSON line is printed for each
--by-block   a line for each block, up to the one that ends the rollout
--thresholds what canary-gate wrote in mode \`calibrate\`
`

/** A reader that has seen enough (\`| head\`) ends this quietly. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { thresholds: { type: 'string' }, 'by-block': { type: 'boolean', default: false } },
    })
    const [file, ...rest] = positionals
    if (file !== undefined && rest.length === 0) return { file, ...values }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
  process.stderr.write(USAGE)
  process.exit(2)
}

function end(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const { file, thresholds: thresholdsFile, 'by-block': byBlock } = options()

/** Thresholds of placebo runs stand for every line that brings none of its own. */
function readThresholds(path: string) {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return end(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  const read = parseThresholds(text, path)
  return read.ok ? read.value : end(`${read.fault.cause} ${read.fault.next}`)
}
const thresholds = thresholdsFile === undefined ? undefined : readThresholds(thresholdsFile)

const print = (each: ReplayVerdict) => process.stdout.write(`${JSON.stringify(each)}\n`)
let number = 0
let rollouts = 0
let failed = false
try {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const text of lines) {
    number++
    if (text.trim() === '') continue
    rollouts++
    const parsed = parseReplayLine(text, number, file)
    if (parsed.ok) {
      const each = withThresholds(parsed.value, thresholds)
      if (byBlock) for (const block of replayByBlock(each)) print(block)
      else print(replay(each))
      continue
    }
    // The other rollouts of the file are judged all the same; the exit code says that not all of them were.
    failed = true
    process.stderr.write(`${parsed.fault.cause} ${parsed.fault.next}\n`)
    print(unjudged(unreadableLine(text, number), parsed.fault.cause))
  }
  if (rollouts === 0) end(`${file} has no rollout: it is empty. docs/canary.md shows the form of a line.`)
} catch (error) {
  if (!(error instanceof Error && 'syscall' in error)) throw error
  end(`${file} cannot be read: ${error.message}`)
}
process.exitCode = failed ? 1 : 0
