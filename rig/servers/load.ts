// The load generator as a process of its own: /metrics for Prometheus, and controls for tests.
import fs from 'node:fs'
import http from 'node:http'
import { parseArgs } from 'node:util'
import { type Behaviour, CONTENT_TYPE, createLoad, type LoadTarget } from '../../testkit/load/index.ts'
import { type KubeAccess, KubeError, kubeClient } from '../kube.ts'

const TICK_MS = 1000

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    accessFile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})
const kube = kubeClient(JSON.parse(fs.readFileSync(values.accessFile ?? '', 'utf8')) as KubeAccess)

const load = createLoad({
  seed: Number(values.seed),
  cluster: {
    get: (path) => kube.get(path),
    // A kind that is not installed has no objects.
    list: (path) =>
      kube.list(path).catch((error: unknown) => {
        if (error instanceof KubeError && error.status === 404) return []
        throw error
      }),
  },
})

/** Ticks by the time that has really passed, so that a late tick sends what it owes. */
async function run(): Promise<never> {
  for (let last = performance.now(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    const now = performance.now()
    await load.tick((now - last) / 1000)
    last = now
  }
}

async function handle(method: string, path: string, body: string): Promise<string | undefined> {
  const [, first, ...rest] = path.split('/').map(decodeURIComponent)
  const route = `${method} /${first}`
  if (route === 'GET /metrics') return load.exposition()
  if (route === 'GET /healthz') return 'ok'
  if (route === 'PUT /targets') load.setTarget(JSON.parse(body) as LoadTarget)
  else if (route === 'DELETE /targets') load.removeTarget(rest[0] ?? '', rest[1] ?? '')
  else if (route === 'PUT /behaviours') load.setBehaviour(rest[0] ?? '', JSON.parse(body) as Behaviour)
  else if (route === 'POST /reset') load.reset()
  else return undefined
  return 'ok'
}

http
  .createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    try {
      const answer = await handle(request.method ?? '', request.url ?? '', body)
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': CONTENT_TYPE })
      response.end(answer ?? 'no such route')
    } catch (error) {
      response.writeHead(400).end((error as Error).message)
    }
  })
  .listen(Number(values.port), '127.0.0.1')

await run()
