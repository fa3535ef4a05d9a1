import { expect } from 'vitest'
import { deliveryRollout, deliveryRouting, imageOf } from '../cluster/testing.ts'
import { type KubeAnswer, type KubeClient, mergeType, until } from './kube-client.ts'

export interface ClusterTarget {
  readonly client: KubeClient
  /** Exists, and is this contract's alone. */
  readonly namespace: string
}

export type Body = KubeAnswer['body']

export const hashLabel = 'rollouts-pod-template-hash'

/** Moves Rollouts of the contract by the calls that people and controllers make, and waits for what they lead to. */
export function rolloutDriver(target: () => ClusterTarget) {
  const path = (
    kind: 'rollouts' | 'replicasets' | 'deployments' | 'services' | 'pods' | 'virtualservices',
    object = '',
  ) => {
    const base = {
      rollouts: '/apis/argoproj.io/v1alpha1',
      replicasets: '/apis/apps/v1',
      deployments: '/apis/apps/v1',
      services: '/api/v1',
      pods: '/api/v1',
      virtualservices: '/apis/networking.istio.io/v1beta1',
    }[kind]
    return `${base}/namespaces/${target().namespace}/${kind}${object === '' ? '' : `/${object}`}`
  }
  const get = async (kind: Parameters<typeof path>[0], object: string): Promise<Body> =>
    (await target().client.request('GET', path(kind, object))).body
  const patch = (where: string, body: unknown) => target().client.request('PATCH', where, body, mergeType)

  function rolloutNamed(rollout: string) {
    const deploy = async (letter: string, change: Partial<Parameters<typeof deliveryRollout>[0]> = {}) => {
      const object = deliveryRollout({
        namespace: target().namespace,
        name: rollout,
        image: imageOf(letter),
        ...change,
      })
      const there = await target().client.request('GET', path('rollouts', rollout))
      const answer =
        there.status === 404
          ? await target().client.request('POST', path('rollouts'), object)
          : await patch(path('rollouts', rollout), { spec: object.spec })
      expect(answer.status).toBeLessThan(300)
    }
    const read = async (): Promise<Body> => get('rollouts', rollout)
    const status = async (): Promise<Body> => (await read()).status ?? {}
    const reaches = (what: string, condition: (status: Body, object: Body) => boolean) => {
      let seen: Body
      return until(
        `${rollout}: ${what}`,
        async () => {
          const object = await read()
          seen = object.status
          const observed = seen?.observedGeneration === String(object.metadata.generation)
          return observed && condition(seen, object) ? seen : undefined
        },
        60,
        () => seen,
      )
    }
    const weights = async (): Promise<number[]> => {
      const { spec } = await get('virtualservices', rollout)
      return spec.http[0].route.map((destination: { weight?: number }) => destination.weight ?? 0)
    }
    const selected = async (suffix: string): Promise<string> =>
      (await get('services', `${rollout}-${suffix}`)).spec.selector[hashLabel]
    const routedTo = async (stable: string, canary: string, weight: number) =>
      until(`${rollout}: ${weight} % on ${canary}`, async () => {
        const now = [await selected('stable'), await selected('canary'), ...(await weights())]
        return JSON.stringify(now) === JSON.stringify([stable, canary, 100 - weight, weight])
          ? now
          : undefined
      })
    const scale = async (hash: string): Promise<number> =>
      (await get('replicasets', `${rollout}-${hash}`)).spec.replicas
    const scaledTo = (hash: string, replicas: number) =>
      until(`${rollout}-${hash} at ${replicas}`, async () =>
        (await scale(hash)) === replicas ? true : undefined,
      )
    const paused = (index: number) =>
      reaches(
        `paused at step ${index}`,
        (now) =>
          now.phase === 'Paused' &&
          now.currentStepIndex === index &&
          (now.pauseConditions ?? []).length === 1,
      )
    const healthy = (letter: string) =>
      reaches(
        'healthy',
        (now, object) =>
          now.phase === 'Healthy' &&
          now.stableRS === now.currentPodHash &&
          object.spec.template.spec.containers[0].image === imageOf(letter),
      )
    // A promotion within 100 ms of the pause is lost by argo-rollouts 1.9 (upstream 4073): callers wait.
    const settle = () => new Promise((resolve) => setTimeout(resolve, 400))
    const promote = async () => {
      await settle()
      await patch(path('rollouts', `${rollout}/status`), { status: { pauseConditions: null } })
    }
    const write = async (fields: object) => {
      await settle()
      await patch(path('rollouts', `${rollout}/status`), { status: fields })
    }
    const install = async (letter: string, change: Parameters<typeof deploy>[1] = {}): Promise<string> => {
      for (const object of deliveryRouting(target().namespace, rollout)) {
        const kind = object.kind === 'Service' ? 'services' : 'virtualservices'
        expect((await target().client.request('POST', path(kind), object)).status).toBe(201)
      }
      await deploy(letter, change)
      const { stableRS } = await healthy(letter)
      await routedTo(stableRS, stableRS, 0)
      return stableRS
    }
    return {
      deploy,
      read,
      status,
      reaches,
      routedTo,
      scale,
      scaledTo,
      paused,
      healthy,
      promote,
      write,
      install,
    }
  }

  return { path, get, patch, rolloutNamed }
}
