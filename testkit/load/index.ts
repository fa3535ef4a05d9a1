export { BUCKETS } from './counters.ts'
export { CONTENT_TYPE, exposition } from './exposition.ts'
export { createLoad, DEFAULT_BEHAVIOUR, type Load, type LoadOptions } from './load.ts'
export { logNormal, poisson, type Random, random } from './random.ts'
export type {
  Behaviour,
  ClusterReader,
  Destination,
  LoadTarget,
  NamespaceView,
  Pod,
  Sample,
} from './types.ts'
