import { join } from 'node:path'
import { type Clock, err, type Fault, type Result } from '../release/index.ts'
import { connectKube } from './connect.ts'
import type { Kube } from './kube.ts'

export interface ClustersOptions {
  /** The input `kubeconfig`. */
  readonly kubeconfig: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
  /** A reason not to talk to this server (`host:port`). */
  readonly refuse?: (server: string) => Fault | undefined
}

/** The cluster of a context of the job's kubeconfig, opened once and only when asked for. */
export function openClusters(options: ClustersOptions): (context: string) => Promise<Result<Kube>> {
  const opened = new Map<string, Promise<Result<Kube>>>()
  return (context) => {
    const known = opened.get(context) ?? open(options, context)
    opened.set(context, known)
    return known
  }
}

/** Where kubectl looks, too. */
function kubeconfigPath({ kubeconfig, env }: Pick<ClustersOptions, 'kubeconfig' | 'env'>): string {
  return kubeconfig ?? env.KUBECONFIG ?? join(env.HOME ?? '', '.kube', 'config')
}

async function open(options: ClustersOptions, context: string): Promise<Result<Kube>> {
  const kube = await connectKube({
    kubeconfig: { path: kubeconfigPath(options) },
    context,
    clock: options.clock,
  })
  const refusal = kube.ok ? options.refuse?.(kube.value.server) : undefined
  return refusal === undefined ? kube : err(refusal)
}
