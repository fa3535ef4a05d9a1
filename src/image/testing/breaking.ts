import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A way to a registry on which the connection breaks once, in the middle of the body of the first request or answer
 * that fits; everything else goes through.
 */
export async function startBreaking(target: string, match: RegExp) {
  let broken = 0
  const handle = (incoming: IncomingMessage, answer: ServerResponse) => {
    const breaks = broken === 0 && match.test(`${incoming.method} ${incoming.url}`)
    if (breaks) broken += 1
    const reads = incoming.method === 'GET'
    if (breaks && !reads) {
      incoming.once('data', () => incoming.socket.destroy())
      return
    }
    const { headers, method, url } = incoming
    const onwards = request(new URL(url ?? '/', target), { method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      if (!breaks) return void got.pipe(answer)
      got.once('data', (bytes: Buffer) => {
        answer.write(bytes.subarray(0, bytes.length / 2), () => incoming.socket.destroy())
        got.resume()
      })
      // An answer without a body breaks, too.
      got.once('end', () => incoming.socket.destroy())
    })
    onwards.on('error', () => incoming.socket.destroy())
    incoming.pipe(onwards)
  }
  const server = createServer(handle)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    broken: () => broken,
    close() {
      server.closeAllConnections()
      return new Promise<unknown>((done) => server.close(done))
    },
  }
}
