import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig, BEHAVIOUR, KubeError, type KubeObject, READY_AFTER } from './index.ts'

const rig = attachRig(inject('rig'))
const namespace = 'rig-smoke'
const rollouts = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts`
const router = `/apis/networking.istio.io/v1beta1/namespaces/${namespace}/virtualservices/web`
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
const [first, second] = [digestOf('first'), digestOf('second')]

beforeAll(() => rig.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))
afterAll(async () => {
  await rig.load.reset()
  // A Rollout that is deleted while its controller works on it is reconciled for ever (argo-rollouts 1.9).
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await rig.kube.delete(`/api/v1/namespaces/${namespace}`)
})

describe('Argo Rollouts with an Istio router, on pods by digest', () => {
  it('serves the first digest without steps, and puts 5 % on the second', async () => {
    await rig.kube.apply(...web(first))
    await healthy()
    await weightsAre(100, 0)

    await rig.kube.apply(...web(second))
    await rig.waitFor('the canary to pause at 5 %', 60, async () => {
      const status = await rolloutStatus()
      return status.pauseConditions && status.currentStepIndex === 1 ? true : undefined
    })
    await weightsAre(95, 5)
    expect(await runningDigests()).toEqual(new Set([first, second]))
  })

  it('sends load by those weights, and Prometheus has one series per pod', async () => {
    await rig.load.setBehaviour(second, { errorRate: 0.5, latencySeconds: 0.05 })
    await rig.load.setTarget({ namespace, workload: 'web', requestsPerSecond: 400 })
    const by = (label: string, extra = '') =>
      promql(`sum by(${label})(http_requests_total{namespace="${namespace}"${extra}})`)
    const counts = await rig.waitFor('2000 counted requests', 60, async () => {
      const found = await by('digest')
      return [...found.values()].reduce((sum, value) => sum + value, 0) > 2000 ? found : undefined
    })
    const part = (counts.get(second) ?? 0) / ((counts.get(first) ?? 0) + (counts.get(second) ?? 0))
    // 2000 draws of 5 %: four standard deviations are 2 %.
    expect(part).toBeGreaterThan(0.03)
    expect(part).toBeLessThan(0.07)
    const pods = await rig.kube.list(`/api/v1/namespaces/${namespace}/pods`)
    expect(new Set((await by('pod')).keys())).toEqual(new Set(pods.map(({ metadata }) => metadata.name)))
    expect([...(await by('digest', ',code="500"')).keys()]).toEqual([second])
  })

  it('puts all traffic back on the first digest after an abort', async () => {
    await rig.kube.patch(`${rollouts}/web/status`, { status: { abort: true } })
    await weightsAre(100, 0)
    await rig.kube.apply(...web(first))
    await healthy()
  })
})

describe('pods', () => {
  it('get ready late, crash, or stay pending as their annotations say', async () => {
    const started = performance.now()
    await rig.kube.apply(
      pod('late', { [READY_AFTER]: '2s' }),
      pod('crash', { [BEHAVIOUR]: 'crash' }),
      pod('never', { [BEHAVIOUR]: 'never' }),
    )
    const of = async (name: string) =>
      (await rig.kube.get(`/api/v1/namespaces/${namespace}/pods/${name}`))?.status
    await rig.waitFor('the crash', 20, async () =>
      JSON.stringify(await of('crash')).includes('CrashLoopBackOff') ? true : undefined,
    )
    await rig.waitFor('the late pod', 20, async () =>
      JSON.stringify(await of('late')).includes('"type":"Ready","status":"True"') ||
      JSON.stringify(await of('late')).includes('"status":"True","type":"Ready"')
        ? true
        : undefined,
    )
    expect(performance.now() - started).toBeGreaterThan(1_900)
    expect(await of('never')).toMatchObject({ phase: 'Pending' })
  })
})

describe('the published Role', () => {
  it('may patch a Rollout and an Application, and may not create, delete or read a Secret', async () => {
    const kubeconfig = await rig.kubeconfigFor('smoke')
    const can = (verb: string, resource: string, where: string) =>
      kubectl(kubeconfig, ['auth', 'can-i', verb, resource, '-n', where]).trim()
    const { namespace: region } = rig.environment('prod-us')
    const rights = {
      patch: can('patch', 'rollouts.argoproj.io/status', region),
      refresh: can('patch', 'applications.argoproj.io', rig.argocdNamespace),
      create: can('create', 'rollouts.argoproj.io', region),
      remove: can('delete', 'pods', region),
      secrets: can('get', 'secrets', region),
      elsewhere: can('get', 'pods', namespace),
    }
    expect(rights).toEqual({
      patch: 'yes',
      refresh: 'yes',
      create: 'no',
      remove: 'no',
      secrets: 'no',
      elsewhere: 'no',
    })
  })
})

describe('faults of the cluster', () => {
  it('come as an error that names the call', async () => {
    const refused = rig.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'Not_A_Name' } })
    await expect(refused).rejects.toThrow(KubeError)
    await expect(refused).rejects.toThrow(/PATCH \/api\/v1\/namespaces\/Not_A_Name/)
  })
})

function web(digest: string): readonly KubeObject[] {
  const labels = { 'app.kubernetes.io/name': 'web' }
  const service = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: labels, ports: [{ port: 80 }] },
  })
  const route = [{ destination: { host: 'web-stable' } }, { destination: { host: 'web-canary' } }]
  return [
    service('web-stable'),
    service('web-canary'),
    {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'VirtualService',
      metadata: { name: 'web', namespace },
      spec: { hosts: ['web'], http: [{ name: 'primary', route }] },
    },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 6,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [{ name: 'api', image: `registry.test/web@${digest}` }],
          },
        },
        strategy: {
          canary: {
            stableService: 'web-stable',
            canaryService: 'web-canary',
            trafficRouting: { istio: { virtualService: { name: 'web', routes: ['primary'] } } },
            steps: [{ setWeight: 5 }, { pause: {} }],
          },
        },
      },
    },
  ]
}

function pod(name: string, annotations: Readonly<Record<string, string>>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, annotations },
    spec: { containers: [{ name: 'api', image: `registry.test/web@${first}` }] },
  }
}

interface RolloutStatus {
  readonly phase?: string
  readonly currentStepIndex?: number
  readonly pauseConditions?: readonly unknown[]
  readonly currentPodHash?: string
  readonly stableRS?: string
  readonly abort?: boolean
}

async function rolloutStatus(): Promise<RolloutStatus> {
  return ((await rig.kube.get(`${rollouts}/web`))?.status ?? {}) as RolloutStatus
}

async function healthy(): Promise<void> {
  await rig.waitFor('the Rollout to be Healthy', 60, async () => {
    const { phase, stableRS, currentPodHash } = await rolloutStatus()
    return phase === 'Healthy' && stableRS === currentPodHash ? true : undefined
  })
}

/** The controller may report a step before it has written the router: the router is what counts. */
async function weightsAre(stable: number, canary: number): Promise<void> {
  await rig.waitFor(`weights ${stable}/${canary}`, 30, async () => {
    const { spec } = (await rig.kube.get(router)) as unknown as {
      spec: { http: { route: { weight?: number }[] }[] }
    }
    const found = spec.http[0]?.route.map(({ weight }) => weight ?? 0)
    return found?.[0] === stable && found[1] === canary ? true : undefined
  })
}

async function runningDigests(): Promise<ReadonlySet<string | undefined>> {
  const pods = await rig.kube.list(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io/name=web`,
  )
  return new Set(
    pods.map((object) => {
      const status = object.status as { containerStatuses?: { imageID: string }[] }
      return status.containerStatuses?.[0]?.imageID.split('@')[1]
    }),
  )
}

/** Instant query grouped by one label. */
async function promql(query: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${rig.prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`)
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  return new Map(data.result.map(({ metric, value }) => [Object.values(metric)[0] ?? '', Number(value[1])]))
}

/** `can-i` ends with 1 for "no". */
function kubectl(kubeconfig: string, args: readonly string[]): string {
  try {
    const env = { ...process.env, KUBECONFIG: kubeconfig }
    return execFileSync(path.join(rig.binDir, 'kubectl'), args, { env, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
