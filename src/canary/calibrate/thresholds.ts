import * as z from 'zod'
import { err, type Fault, ok, type Result } from '../../release/index.ts'
import type { Calibration } from '../judge/types.ts'
import { calibrationForm, problemOf } from '../replay/policy-form.ts'
import type { Calibrated } from './calibrate.ts'

/** What `calibrate` writes and `watch`, `evaluate` and the replay read. */
export type Thresholds = {
  readonly version: 1
  readonly workload: string
  readonly environment: string
  readonly blockSeconds: number
  readonly from: string
  readonly to: string
} & Calibrated

const form = z.looseObject({
  version: z.literal(1),
  workload: z.string(),
  environment: z.string(),
  blockSeconds: z.number().gt(0),
  calibration: calibrationForm,
})

export interface ThresholdsFor {
  readonly workload: string
  readonly environment: string
  readonly blockMs: number
}

/**
 * The thresholds of a file, for the run at hand: how long a pod goes astray is told in blocks, so another length of a
 * block, another workload or another environment has other thresholds.
 */
export function readThresholds(
  text: string,
  file: string,
  wanted: ThresholdsFor,
): Result<Readonly<Record<string, Calibration>>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return err(invalid(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`))
  }
  const read = form.safeParse(value)
  if (!read.success) return err(invalid(problemOf(read.error, file)))
  const { workload, environment, blockSeconds, calibration } = read.data
  for (const [what, has, asked] of [
    ['workload', workload, wanted.workload],
    ['environment', environment, wanted.environment],
    ['length of a block', `${blockSeconds} s`, `${wanted.blockMs / 1000} s`],
  ] as const) {
    if (has !== asked) return err(invalid(`${file} was made for the ${what} ${has}, this run has ${asked}`))
  }
  return ok(calibration as Readonly<Record<string, Calibration>>)
}

function invalid(cause: string): Fault {
  return {
    blame: 'user',
    reason: 'canary-thresholds-invalid',
    cause: `The thresholds cannot be used: ${cause}.`,
    likely: 'The file is not one that canary-gate has written, or it is that of another workload.',
    next: 'Run canary-gate with `mode: calibrate` for this environment, or leave the input `thresholds` out.',
  }
}
