import { performance } from 'node:perf_hooks'
import { type ClusterStandIn, renderDelivery, startCluster } from '../cluster/index.ts'
import { type GitHubStandIn, startGitHub } from '../github/index.ts'
import { startServer } from '../http/index.ts'
import { CONTENT_TYPE, createLoad, type Load } from '../load/index.ts'
import { type Postgres, postgresMissing, startPostgres } from '../postgres/index.ts'
import { type PrometheusStandIn, startPrometheus } from '../prometheus/index.ts'
import { type RegistryStandIn, startRegistry } from '../registry/index.ts'
import { type Webhook, webhook } from './webhook.ts'

/** Everything a site is made of, in this process but for the database. */
export interface StandInParts {
  readonly github: GitHubStandIn
  readonly cluster: ClusterStandIn
  readonly prometheus: PrometheusStandIn
  readonly registry: RegistryStandIn
  readonly load: Load
  readonly hook: Webhook
  /** Undefined where there is no binary for this system. */
  readonly postgres: Postgres | undefined
  /** What went wrong inside of the stand-ins, as against in what is shown with them. */
  defects(): readonly unknown[]
  close(): Promise<void>
}

export interface PartsOptions {
  readonly gitops: { readonly owner: string; readonly name: string }
  readonly token: string
  readonly namespaces: readonly string[]
  readonly scrapeMs: number
  readonly seed: number
}

/** How long a pod takes to become ready here; a real one takes tens of seconds. */
const readyAfterMs = 50

export async function standInParts(options: PartsOptions): Promise<StandInParts> {
  const { gitops, token, namespaces, scrapeMs, seed } = options
  const closing: (() => Promise<unknown> | unknown)[] = []
  const defects: unknown[] = []
  // The last one started is the first to go: what asks goes before what answers.
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  const keep = <T>(part: T, end: (part: T) => Promise<unknown> | unknown): T => {
    closing.push(() => end(part))
    return part
  }
  try {
    // The database takes a second to start; the others start meanwhile.
    const database =
      postgresMissing(16) === undefined ? startPostgres({ major: 16 }) : Promise.resolve(undefined)
    closing.push(async () => (await database.catch(() => undefined))?.stop())
    const github = keep(await startGitHub({ repositories: [gitops], token }), (part) => part.close())
    const gitDir = github.gitDir(gitops.owner, gitops.name)
    const cluster = keep(
      await startCluster({
        namespaces,
        render: renderDelivery,
        repoUrl: () => gitDir,
        pods: () => ({ readyAfterMs }),
        reactionMs: 10,
      }),
      (part) => part.close(),
    )
    const registry = keep(await startRegistry(), (part) => part.close())
    const load = createLoad({ cluster: cluster.reader, seed })
    const metrics = keep(
      await startServer({
        handle: () => ({ status: 200, headers: { 'content-type': CONTENT_TYPE }, body: load.exposition() }),
        onDefect: (error) => ({ status: 500, body: String(error) }),
      }),
      (part) => part.close(),
    )
    const scrape = [{ url: `${metrics.url}/metrics`, intervalMs: scrapeMs, honorLabels: true }]
    const prometheus = keep(await startPrometheus({ scrape }), (part) => part.close())
    const hook = keep(webhook(gitDir, cluster.store), (part) => part.stop())
    keep(
      traffic(load, scrapeMs, (error) => defects.push(error)),
      (stop) => stop(),
    )
    const postgres = await database
    return {
      ...{ github, cluster, prometheus, registry, load, hook, postgres, close },
      defects: () => [...cluster.defects, ...defects],
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Requests by the time that has really passed, so that a late tick sends what it owes. */
function traffic(load: Load, everyMs: number, onDefect: (error: unknown) => void): () => void {
  let last = performance.now()
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const next = () => {
    timer = setTimeout(async () => {
      const now = performance.now()
      await load.tick((now - last) / 1000).catch(onDefect)
      last = now
      if (!stopped) next()
    }, everyMs)
  }
  next()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
