// Bare repositories over Git's smart HTTP protocol: a CGI host for `git http-backend`.
import { spawn } from 'node:child_process'
import http from 'node:http'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { port: { type: 'string' }, gitRoot: { type: 'string' } } })

http
  .createServer((request, response) => {
    if (request.url === '/healthz') return void response.end('ok')
    serve(request, response)
  })
  .listen(Number(values.port), '127.0.0.1')

function serve(request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH ?? '',
      GIT_PROJECT_ROOT: values.gitRoot ?? '',
      GIT_HTTP_EXPORT_ALL: '1',
      // The backend refuses pushes of nobody; the loopback is the only lock here.
      REMOTE_USER: 'rig',
      REQUEST_METHOD: request.method ?? '',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      // Clients compress larger requests.
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  backend.once('error', (error) => response.writeHead(500).end(error.message))
  request.pipe(backend.stdin)
  backend.stdin.on('error', () => request.destroy())
  forward(backend.stdout, response)
}

/** Splits the CGI answer into headers and body; `Status:` becomes the status line. */
function forward(stdout: NodeJS.ReadableStream, response: http.ServerResponse): void {
  let head = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    stdout.off('data', onData)
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10)
      else if (name !== '') response.setHeader(name, value)
    }
    response.write(head.subarray(end + 4))
    stdout.pipe(response)
  }
  stdout.on('data', onData)
  stdout.once(
    'end',
    () => response.headersSent || response.writeHead(500).end('git http-backend answered nothing'),
  )
}
