import { afterAll, beforeAll, inject } from 'vitest'
import { attachRig } from '../../rig/index.ts'
import { type ExpositionServer, startExposition } from './exposition-server.ts'
import { describePrometheusContract } from './prometheus-contract.ts'
import { type RealPrometheus, startRealPrometheus } from './real-prometheus.ts'

const rig = attachRig(inject('rig'))
let exposition: ExpositionServer
let prometheus: RealPrometheus
beforeAll(async () => {
  exposition = await startExposition()
  prometheus = await startRealPrometheus(rig.binDir, exposition.host)
})
afterAll(async () => {
  await prometheus?.close()
  await exposition?.close()
})

describePrometheusContract('Prometheus', () => ({ url: prometheus.url, expose: exposition.set }))
