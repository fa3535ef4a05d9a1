import { type Clock, err, ok, type Result } from '../release/index.ts'
import type { Kube } from './kube.ts'
import { kubeOverRest, type RestOptions } from './rest.ts'

export interface ConnectOptions {
  /** A file (read again when credentials run out, as its tokens rotate) or the text itself. */
  readonly kubeconfig: { readonly path: string } | { readonly text: string }
  readonly context: string
  readonly clock: Clock
  readonly requestTimeoutMs?: number
}

/** Opens nothing yet: only the kubeconfig is read. The Kubernetes client is loaded here and nowhere else. */
export async function connectKube(options: ConnectOptions): Promise<Result<Kube>> {
  const { openTransport } = await import('./client.heavy.ts')
  try {
    const transport = await openTransport(options.kubeconfig, options.context)
    const rest: RestOptions = {
      clock: options.clock,
      ...(options.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: options.requestTimeoutMs }),
    }
    return ok(kubeOverRest(transport, rest))
  } catch (error) {
    return err({
      blame: 'user',
      reason: 'cluster-kubeconfig',
      cause: `The kubeconfig cannot be used: ${error instanceof Error ? error.message.trim() : String(error)}.`,
      likely: 'The step that writes the kubeconfig did not run in this job, or it wrote other context names.',
      next: 'Let the job write a kubeconfig that holds the context named under `cluster` in tuesday.yaml.',
    })
  }
}
