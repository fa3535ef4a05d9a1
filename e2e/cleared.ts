import { setTimeout as sleep } from 'node:timers/promises'
import type { Rig } from '../rig/index.ts'

interface Home {
  readonly namespace: string
  readonly application: string
}

/** Longer than Argo CD takes for a sync that had begun when its Application was deleted. */
const goneForMs = 4_000

/**
 * What an earlier file of the same run has left: its Rollout would take the baseline for a canary. A sync that is
 * under way while its Application goes may still bring the Rollout back, so it has to stay away for a while.
 */
export async function cleared(rig: Rig, homes: readonly Home[]): Promise<void> {
  const argo = '/apis/argoproj.io/v1alpha1/namespaces'
  const rollouts = homes.map(({ namespace }) => `${argo}/${namespace}/rollouts/delivery-api`)
  for (const { application } of homes) {
    const path = `${argo}/${rig.argocdNamespace}/applications/${application}`
    await rig.kube.delete(path)
    await rig.waitFor(`${path} to be gone`, 30, async () =>
      (await rig.kube.get(path)) === undefined ? true : undefined,
    )
  }
  let goneSince: number | undefined
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(250)) {
    const left: string[] = []
    for (const path of rollouts) if ((await rig.kube.get(path)) !== undefined) left.push(path)
    for (const path of left) await rig.kube.delete(path)
    goneSince = left.length > 0 ? undefined : (goneSince ?? Date.now())
    if (goneSince !== undefined && Date.now() - goneSince >= goneForMs) return
  }
  throw new Error(`rollouts of an earlier file came back for a minute: ${rollouts.join(', ')}`)
}
