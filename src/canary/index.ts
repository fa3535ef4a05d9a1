export { type LiveFacts, type LiveOptions, type LivePod, readLive } from './bake/traffic.ts'
export { type Calibrated, type CalibrateOptions, calibrate } from './calibrate/calibrate.ts'
export { dispersion } from './calibrate/dispersion.ts'
export { type CalibrateRun, calibrateFromHistory } from './calibrate/run.ts'
export { calibrationSummary } from './calibrate/summary.ts'
export { readThresholds, type Thresholds } from './calibrate/thresholds.ts'
export type { PodBlock } from './calibrate/types.ts'
export { evaluateCanary, watchCanary } from './gate/gate.ts'
export type { GateContext, GateOptions, GateOutcome } from './gate/options.ts'
export { httpProbes, type ProbeOptions, type Prober } from './gate/probes.ts'
export type { GateRecord, TimelinePoint } from './gate/record.ts'
export { checkSteps } from './gate/steps.ts'
export { judge } from './judge/judge.ts'
export { binomialLower, binomialTail, binomialUpper } from './judge/numbers.ts'
export type * from './judge/types.ts'
export { type CanaryReason, conclude, type Judgement, type Sufficiency } from './judge/verdict.ts'
export { judgePolicy, type MetricOptions, type PolicyOptions } from './policy.ts'
export {
  parseReplayLine,
  parseThresholds,
  type ReplayCase,
  unreadableLine,
  withThresholds,
} from './replay/file.ts'
export { evidenceOf, type ReplayVerdict, replay, replayByBlock, unjudged } from './replay/replay.ts'
export { replayText } from './replay/text.ts'
export { type Collected, type Collector, collector } from './samples/collect.ts'
export { type Prometheus, type PrometheusOptions, prometheus } from './samples/prometheus.ts'
export type { MetricSource } from './samples/source.ts'
export { gateFromConfig, openPrometheus } from './setup.ts'
export { summaryOf } from './summary.ts'
