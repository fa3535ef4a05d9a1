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
