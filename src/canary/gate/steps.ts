import { type LiveTarget, type RolloutView, weightAt } from '../../cluster/index.ts'
import { type Fault, formatDuration } from '../../release/index.ts'

/** Whether the gate can stand for a workload of this kind at all, before it starts. */
export function checkShape(live: LiveTarget, holdsMs: Readonly<Record<number, number>>): Fault | undefined {
  if (live.kind === 'canary') return checkSteps(live.view.steps, holdsMs, live.name)
  return live.kind === 'blue-green' ? checkBlueGreen(live) : undefined
}

function checkBlueGreen({ name, autoPromotes }: LiveTarget & { kind: 'blue-green' }): Fault | undefined {
  if (!autoPromotes) return undefined
  return {
    blame: 'user',
    reason: 'canary-steps-outrun',
    cause: `Rollout ${name} cuts over by itself as soon as its pods are ready; the gate could be outrun and has not started.`,
    likely: 'autoPromotionEnabled is true by default, and autoPromotionSeconds ends the pause too.',
    next: 'Set `autoPromotionEnabled: false` in the blueGreen strategy of the Rollout, and no autoPromotionSeconds.',
  }
}

/**
 * What the gate can stand for: every weight of the Rollout's own steps waits in a pause without an end, and has a
 * minimum time. A timed pause, or a weight without one, would let the rollout run on while the gate looks.
 */
export function checkSteps(
  steps: RolloutView['steps'],
  holdsMs: Readonly<Record<number, number>>,
  rollout: string,
): Fault | undefined {
  if (!steps.some((step) => step.setWeight !== undefined)) {
    return outrun(rollout, 'has no steps with a weight, so a new image gets all traffic at once')
  }
  for (const [index, step] of steps.entries()) {
    if (step.pause?.duration !== undefined) {
      return outrun(
        rollout,
        `goes on by itself after ${step.pause.duration} at step ${index} (weight ${weightAt(steps, index)})`,
      )
    }
    if (step.setWeight === undefined || step.setWeight >= 100) continue
    if (!waitsBeforeNextWeight(steps, index)) {
      return outrun(rollout, `does not wait at weight ${step.setWeight} (step ${index})`)
    }
    if (holdsMs[step.setWeight] === undefined) return holdMissing(rollout, step.setWeight, holdsMs)
  }
  return undefined
}

function waitsBeforeNextWeight(steps: RolloutView['steps'], index: number): boolean {
  for (const step of steps.slice(index + 1)) {
    if (step.setWeight !== undefined) return false
    if (step.pause !== undefined && step.pause.duration === undefined) return true
  }
  return false
}

function outrun(rollout: string, what: string): Fault {
  return {
    blame: 'user',
    reason: 'canary-steps-outrun',
    cause: `Rollout ${rollout} ${what}; the gate could be outrun and has not started.`,
    likely: 'The steps were written for a rollout without a gate.',
    next: 'Follow every setWeight below 100 with `pause: {}` in the steps of the Rollout.',
  }
}

function holdMissing(rollout: string, weight: number, holdsMs: Readonly<Record<number, number>>): Fault {
  const known = Object.entries(holdsMs).map(([at, ms]) => `${at}: ${formatDuration(ms)}`)
  return {
    blame: 'user',
    reason: 'canary-hold-missing',
    cause: `Rollout ${rollout} has a step of weight ${weight}, and \`canary.holds\` has none for it (${known.join(', ') || 'it is empty'}).`,
    likely: 'The steps of the chart were changed without tuesday.yaml.',
    next: `Add \`${weight}: 10m\`, or what suits the service, to \`canary.holds\`.`,
  }
}
