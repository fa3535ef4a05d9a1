import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject, Store } from '../cluster/index.ts'
import { requireKind } from '../cluster/kinds.ts'

/** Tells Argo CD of a push, as the Git server of a team does; else it looks every two minutes. */
export interface Webhook {
  /** Resolves when every Application has carried the newest commit and its workloads stand still; at most in 10 s. */
  settled(signal: AbortSignal): Promise<void>
  stop(): void
}

const refresh = 'argocd.argoproj.io/refresh'
const applications = requireKind('Application')

interface Application extends KubeObject {
  readonly spec: { readonly source: { readonly path: string } }
  readonly operation?: unknown
  readonly status?: {
    readonly sync?: { readonly status?: string }
    readonly health?: { readonly status?: string }
  }
}

export function webhook(gitDir: string, store: Store): Webhook {
  const all = () => store.list(applications) as Application[]
  const trees = new Map<string, string>()
  let seen = headOf(gitDir)
  /** As with `manifest-generate-paths`: only the Applications whose folder a push has changed are told. */
  const look = () => {
    const head = headOf(gitDir)
    if (head === seen) return
    for (const { metadata, spec } of all()) {
      const tree = treeOf(gitDir, head, spec.source.path)
      if (tree === trees.get(metadata.name)) continue
      trees.set(metadata.name, tree)
      store.change(applications, metadata.namespace, metadata.name, (object) => {
        object.metadata.annotations = { ...object.metadata.annotations, [refresh]: 'normal' }
      })
    }
    seen = head
  }
  const timer = setInterval(look, 50)
  const atRest = ({ metadata, operation, status }: Application) =>
    metadata.annotations?.[refresh] === undefined &&
    operation === undefined &&
    status?.sync?.status === 'Synced' &&
    status.health?.status !== 'Progressing'
  return {
    async settled(signal) {
      const until = performance.now() + 10_000
      for (let quiet = 0; quiet < 2 && performance.now() < until; ) {
        look()
        quiet = all().every(atRest) ? quiet + 1 : 0
        await sleep(60, undefined, { signal })
      }
    },
    stop: () => clearInterval(timer),
  }
}

function headOf(gitDir: string): string {
  return readFileSync(join(gitDir, 'refs/heads/main'), 'utf8').trim()
}

function treeOf(gitDir: string, commit: string, path: string): string {
  return execFileSync('git', ['-C', gitDir, 'rev-parse', '--verify', '--quiet', `${commit}:${path}`], {
    encoding: 'utf8',
  })
}
