import { describe, expect, it } from 'vitest'
import { deliveryDeployment, imageOf } from '../cluster/testing.ts'
import { until } from './kube-client.ts'
import { type Body, type ClusterTarget, hashLabel, rolloutDriver } from './rollout-driver.ts'

/** What a Rollout with an Istio router and a Deployment do, seen from the API only. */
export function describeRolloutContract(name: string, target: () => ClusterTarget): void {
  const { path, get, patch, rolloutNamed } = rolloutDriver(target)

  describe(`a Rollout: ${name}`, () => {
    it('installs without steps, and walks its weights by promotion', async () => {
      const rollout = rolloutNamed('walk')
      const stable = await rollout.install('a')
      const first = await rollout.read()
      expect(first.status).toMatchObject({
        phase: 'Healthy',
        currentPodHash: stable,
        currentStepIndex: 6,
        replicas: 4,
        updatedReplicas: 4,
        readyReplicas: 4,
        availableReplicas: 4,
        selector: 'app.kubernetes.io/name=walk',
      })
      expect(first.metadata.annotations['rollout.argoproj.io/revision']).toBe('1')
      await rollout.deploy('b')
      const { currentPodHash: canary } = await rollout.paused(1)
      expect(canary).not.toBe(stable)
      for (const [index, weight, pods] of [
        [1, 5, 1],
        [3, 25, 1],
        [5, 50, 2],
      ] as const) {
        const now = await rollout.paused(index)
        expect(now).toMatchObject({
          stableRS: stable,
          currentPodHash: canary,
          controllerPause: true,
          message: 'CanaryPauseStep',
        })
        expect(now.pauseConditions).toMatchObject([{ reason: 'CanaryPauseStep' }])
        expect(now.canary.weights).toMatchObject({
          canary: { weight, podTemplateHash: canary, serviceName: 'walk-canary' },
          stable: { weight: 100 - weight, podTemplateHash: stable, serviceName: 'walk-stable' },
        })
        await rollout.routedTo(stable, canary, weight)
        expect([await rollout.scale(stable), await rollout.scale(canary)]).toEqual([4, pods])
        await rollout.promote()
      }
      const done = await rollout.healthy('b')
      expect(done).toMatchObject({ stableRS: canary, currentStepIndex: 6 })
      expect([done.controllerPause ?? false, done.pauseConditions ?? []]).toEqual([false, []])
      await rollout.routedTo(canary, canary, 0)
      const set = await get('replicasets', `walk-${canary}`)
      expect(set.metadata.annotations['rollout.argoproj.io/revision']).toBe('2')
      expect(set.metadata.ownerReferences).toMatchObject([
        { kind: 'Rollout', name: 'walk', controller: true },
      ])
      expect(set.spec.template.metadata.labels[hashLabel]).toBe(canary)
      const pods = (
        await target().client.request('GET', `${path('pods')}?labelSelector=${hashLabel}%3D${canary}`)
      ).body.items
      expect(pods).toHaveLength(4)
      expect(pods[0].status.containerStatuses).toMatchObject([{ name: 'api', ready: true }])
    }, 600_000)

    it('gives all back on abort, and is healthy at once when the stable template returns', async () => {
      const rollout = rolloutNamed('abort')
      const change = { canary: { abortScaleDownDelaySeconds: 3 } }
      const stable = await rollout.install('a', change)
      await rollout.deploy('b', change)
      const { currentPodHash: canary } = await rollout.paused(1)
      await rollout.write({ abort: true })
      const aborted = await rollout.reaches(
        'aborted',
        (now) => now.phase === 'Degraded' && now.abortedAt !== undefined,
      )
      expect(aborted).toMatchObject({
        abort: true,
        stableRS: stable,
        currentPodHash: canary,
        currentStepIndex: 0,
      })
      expect(aborted.message).toMatch(/^RolloutAborted: Rollout aborted update to revision 2/)
      expect(aborted.pauseConditions ?? []).toEqual([])
      await rollout.routedTo(stable, stable, 0)
      await rollout.scaledTo(canary, 0)
      await rollout.deploy('a', change)
      const back = await rollout.healthy('a')
      expect(back).toMatchObject({ stableRS: stable, currentPodHash: stable, currentStepIndex: 6 })
      expect([back.abort ?? false, back.abortedAt]).toEqual([false, undefined])
    }, 600_000)

    it('begins anew after a retry, and jumps over all pauses when it is promoted in full', async () => {
      const rollout = rolloutNamed('retry')
      const stable = await rollout.install('a')
      await rollout.deploy('b')
      await rollout.paused(1)
      await rollout.promote()
      const { currentPodHash: canary } = await rollout.paused(3)
      await rollout.write({ abort: true })
      await rollout.reaches('aborted', (now) => now.abortedAt !== undefined)
      await rollout.write({ abort: false })
      const again = await rollout.paused(1)
      expect(again.abortedAt).toBeUndefined()
      await rollout.routedTo(stable, canary, 5)
      await rollout.write({ promoteFull: true })
      const done = await rollout.healthy('b')
      expect([done.promoteFull ?? false, done.currentStepIndex]).toEqual([false, 6])
      await rollout.routedTo(canary, canary, 0)
    }, 600_000)

    it.each([
      ['fast', { rollbackWindow: { revisions: 2 } }],
      ['slow', {}],
    ] as const)(
      'goes back to a former stable: %s',
      async (speed, spec) => {
        const rollout = rolloutNamed(`back-${speed}`)
        const change = { spec, canary: { scaleDownDelaySeconds: 600 } }
        const first = await rollout.install('a', change)
        await new Promise((resolve) => setTimeout(resolve, 1100)) // ages of ReplicaSets count in whole seconds
        await rollout.deploy('b', change)
        await rollout.paused(1)
        await rollout.write({ promoteFull: true })
        const { stableRS: second } = await rollout.healthy('b')
        await rollout.routedTo(second, second, 0)
        expect(await rollout.scale(first)).toBe(4) // warm
        await rollout.deploy('a', change)
        if (speed === 'fast')
          expect(await rollout.healthy('a')).toMatchObject({ stableRS: first, currentStepIndex: 6 })
        else {
          expect(await rollout.paused(1)).toMatchObject({ stableRS: second, currentPodHash: first })
          await rollout.routedTo(second, first, 5)
        }
        const { annotations } = (await get('replicasets', `back-${speed}-${first}`)).metadata
        expect(annotations).toMatchObject({
          'rollout.argoproj.io/revision': '3',
          'rollout.argoproj.io/revision-history': '1',
        })
      },
      600_000,
    )

    it('sends nothing to a canary whose pods crash', async () => {
      const rollout = rolloutNamed('crash')
      const stable = await rollout.install('a')
      await rollout.deploy('b', { annotations: { 'rig/behaviour': 'crash' } })
      const stuck = await rollout.reaches(
        'a pod of the canary',
        (now) => now.currentPodHash !== stable && now.updatedReplicas === 1,
      )
      await until('a crashing pod', async () => {
        const query = `?labelSelector=${hashLabel}%3D${stuck.currentPodHash}`
        const pods: Body[] = (await target().client.request('GET', path('pods') + query)).body.items
        return (
          pods.some(
            (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
          ) || undefined
        )
      })
      expect(await rollout.status()).toMatchObject({
        phase: 'Progressing',
        currentStepIndex: 0,
        stableRS: stable,
      })
      await rollout.routedTo(stable, stable, 0)
      await rollout.write({ abort: true })
      await rollout.reaches('aborted', (now) => now.phase === 'Degraded' && now.abortedAt !== undefined)
    }, 600_000)

    it('takes an abort with nothing in flight back, and serves on', async () => {
      const rollout = rolloutNamed('idle')
      const stable = await rollout.install('a')
      await rollout.write({ abort: true })
      const now = await rollout.reaches('the abort to be gone', (status) => status.abort !== true)
      expect(now).toMatchObject({
        phase: 'Healthy',
        stableRS: stable,
        currentPodHash: stable,
        availableReplicas: 4,
      })
      await rollout.routedTo(stable, stable, 0)
    }, 600_000)

    it('gives up by itself when its pods never become ready and it is told to', async () => {
      const rollout = rolloutNamed('deadline')
      const spec = { progressDeadlineSeconds: 4, progressDeadlineAbort: true }
      const stable = await rollout.install('a', { spec })
      await rollout.deploy('b', { spec, annotations: { 'rig/behaviour': 'never' } })
      const gone = await rollout.reaches(
        'aborted',
        (now) => now.phase === 'Degraded' && now.abort === true && now.message.startsWith('RolloutAborted'),
      )
      expect(gone).toMatchObject({ stableRS: stable, currentStepIndex: 0 })
      expect(gone.abortedAt).toBeTruthy()
      await rollout.routedTo(stable, stable, 0)
    }, 600_000)

    it('keeps at least so many pods of a canary, and only so many former revisions warm', async () => {
      const rollout = rolloutNamed('warm')
      const change = {
        canary: { minPodsPerReplicaSet: 2, scaleDownDelaySeconds: 600, scaleDownDelayRevisionLimit: 1 },
      }
      const first = await rollout.install('a', change)
      await rollout.deploy('b', change)
      const { currentPodHash: second } = await rollout.paused(1)
      expect(await rollout.scale(second)).toBe(2)
      await rollout.write({ promoteFull: true })
      await rollout.healthy('b')
      await rollout.routedTo(second, second, 0)
      await rollout.deploy('c', change)
      await rollout.paused(1)
      await rollout.write({ promoteFull: true })
      await rollout.healthy('c')
      await rollout.scaledTo(first, 0)
      expect(await rollout.scale(second)).toBe(4)
    }, 600_000)
  })

  describe(`a Deployment: ${name}`, () => {
    it('rolls to a new image and counts what it did', async () => {
      const deployment = (letter: string) =>
        deliveryDeployment({ namespace: target().namespace, name: 'roll', image: imageOf(letter) })
      const done = (letter: string) =>
        until(`roll: ${letter} done`, async () => {
          const object = await get('deployments', 'roll')
          const { status = {}, metadata, spec } = object
          const progressing = status.conditions?.find((condition: Body) => condition.type === 'Progressing')
          const isNew = spec.template.spec.containers[0].image === imageOf(letter)
          const complete =
            status.observedGeneration === metadata.generation &&
            progressing?.reason === 'NewReplicaSetAvailable'
          return isNew && complete && status.replicas === 2 && status.updatedReplicas === 2
            ? object
            : undefined
        })
      expect((await target().client.request('POST', path('deployments'), deployment('a'))).status).toBe(201)
      await done('a')
      await patch(path('deployments', 'roll'), { spec: deployment('b').spec })
      const { status, metadata } = await done('b')
      expect(status).toMatchObject({ readyReplicas: 2, availableReplicas: 2 })
      expect(status.unavailableReplicas ?? 0).toBe(0)
      expect(metadata.annotations['deployment.kubernetes.io/revision']).toBe('2')
      expect(status.conditions.find((condition: Body) => condition.type === 'Available')).toMatchObject({
        status: 'True',
      })
    }, 600_000)
  })
}
