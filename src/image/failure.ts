import { type Fault, formatDuration } from '../release/index.ts'
import type { BuildEnd, BuilderName } from './builders/builder.ts'
import { diskFull, saysDiskFull } from './disk.ts'
import { user } from './faults.ts'

/** What a person needs of the log of a build that failed. */
export interface FailedStep {
  /** The instruction, as the builder shows it. */
  readonly step?: string
  readonly tail: readonly string[]
}

const tailLength = 30

/** BuildKit: `#8 [build 3/5] RUN npm ci` and later `#8 ERROR: …`. */
const buildkitStep = /^#(\d+) (\[.*\d+\/\d+\] .*)$/
const buildkitError = /^#(\d+) ERROR:/
/** buildah and podman: `STEP 3/7: RUN npm ci`, with `[1/2]` before it for stages. */
const buildahStep = /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: .*$/

/** Finds the step that failed and the last lines of it; the rest of the log has gone by already. */
export function failedStep(lines: readonly string[]): FailedStep {
  const texts = lines.filter((line) => line.trim() !== '')
  const number = texts.map((line) => buildkitError.exec(line)?.[1]).find((found) => found !== undefined)
  if (number !== undefined) {
    const own = texts.filter((line) => line.startsWith(`#${number} `))
    const step = own.map((line) => buildkitStep.exec(line)?.[2]).find((found) => found !== undefined)
    const tail = own.filter((line) => !buildkitStep.test(line)).map((line) => line.slice(number.length + 2))
    return { ...(step === undefined ? {} : { step }), tail: tail.slice(-tailLength) }
  }
  const at = texts.findLastIndex((line) => buildahStep.test(line))
  const step = texts[at]
  return { ...(step === undefined ? {} : { step }), tail: texts.slice(at + 1).slice(-tailLength) }
}

/** Why there is no image, in the words of the step that failed. */
export function buildFailed(name: BuilderName, { code, lines, late }: BuildEnd, boundMs: number): Fault {
  const { step, tail } = failedStep(lines)
  const where = step === undefined ? '' : ` at ${step}`
  const told = (what: string) => [`${name} ${what}${where}; its last lines:`, ...tail].join('\n')
  if (late === true) {
    return user('build-timeout', told(`did not end within ${formatDuration(boundMs)} and was stopped`), {
      likely: 'A step waits for something, or the cache of the builder is empty on this runner.',
      next: 'Set a longer `timeout`, or make that step end; the image of this commit does not exist.',
    })
  }
  // The line may be of another step than the one that failed first: all of them share one disk.
  if (saysDiskFull(lines.slice(-200))) return diskFull(told(`failed with exit code ${code}`))
  const failed = told(`failed with exit code ${code}`)
  if (tail.some((line) => /exec format error/i.test(line))) {
    return user('platform-not-emulated', failed, {
      likely: 'The build has several platforms, and the machine knows the programs of its own only.',
      next: 'Run docker/setup-qemu-action before this step, or build on a runner of that platform.',
    })
  }
  return user('build-failed', failed, {
    next: 'Mend that step and commit; the image of this commit does not exist.',
  })
}
