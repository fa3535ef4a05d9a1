import { afterAll, beforeAll } from 'vitest'
import { type Bench, fastBench } from '../cluster/testing.ts'
import type { ScaledClock } from '../http/index.ts'
import { describeApiContract } from './api-contract.ts'
import { kubeClient } from './kube-client.ts'
import { describeRolloutContract } from './rollout-contract.ts'

let bench: Bench<ScaledClock>
beforeAll(async () => {
  bench = await fastBench(20, { namespaces: ['delivery', 'contract-api'] })
})
afterAll(async () => {
  await bench.close()
  bench.clock.close()
})

const client = () => kubeClient({ url: bench.cluster.url, token: bench.cluster.token })

describeApiContract('testkit/cluster', () => ({ client: client(), namespace: 'contract-api' }))
describeRolloutContract('testkit/cluster', () => ({ client: client(), namespace: 'delivery' }))
