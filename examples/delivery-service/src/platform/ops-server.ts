import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, type Registry } from 'prom-client'

/** What a process is asked on its second port, which no router exposes: metrics, and probes for the workers. */
export interface Probes {
  isAlive(): boolean
  isReady(): Promise<boolean>
}

export async function startOpsServer(port: number, registry: Registry, probes: Probes): Promise<OpsServer> {
  collectDefaultMetrics({ register: registry })
  const server = createServer((request, response) => {
    const answer = (code: number, body: string, type = 'text/plain; charset=utf-8') => {
      response.writeHead(code, { 'content-type': type })
      response.end(body)
    }
    const path = (request.url ?? '').split('?', 1)[0]
    if (path === '/metrics') {
      registry.metrics().then(
        (text) => answer(200, text, registry.contentType),
        () => answer(500, 'the metrics could not be collected\n'),
      )
    } else if (path === '/healthz') {
      answer(probes.isAlive() ? 200 : 503, probes.isAlive() ? 'alive\n' : 'stuck\n')
    } else if (path === '/readyz') {
      probes.isReady().then(
        (ready) => answer(ready ? 200 : 503, ready ? 'ready\n' : 'not ready\n'),
        () => answer(503, 'not ready\n'),
      )
    } else answer(404, 'not found\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => resolve())
  })
  return { port: (server.address() as AddressInfo).port, close: () => close(server) }
}

export interface OpsServer {
  readonly port: number
  close(): Promise<void>
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
