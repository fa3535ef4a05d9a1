import { spawn } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import type { HttpRequest, Reply } from '../http/index.ts'
import { isolatedEnv } from './git.ts'

/** Clone, fetch and push by git's own server program, which speaks CGI. */
export function gitBackend(request: HttpRequest, gitDir: string, pathInfo: string): Reply {
  return {
    stream: (response) =>
      new Promise((resolve) => {
        const child = spawn('git', ['http-backend'], {
          env: {
            ...isolatedEnv(),
            GIT_PROJECT_ROOT: gitDir,
            GIT_HTTP_EXPORT_ALL: '1',
            REMOTE_USER: 'release-bot', // http-backend lets pushes pass for a named user only
            REQUEST_METHOD: request.method,
            PATH_INFO: pathInfo,
            QUERY_STRING: request.query.toString(),
            CONTENT_TYPE: request.headers['content-type'] ?? '',
            HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
            GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
          },
          stdio: ['pipe', 'pipe', 'ignore'],
        })
        child.on('error', () => {
          response.destroy()
          resolve()
        })
        child.stdin.on('error', () => {})
        request.raw.pipe(child.stdin)
        response.on('close', () => child.kill())
        relayCgi(child.stdout, response)
        child.on('close', () => {
          response.end()
          resolve()
        })
      }),
  }
}

/** CGI: header lines, an empty line, then the body. */
function relayCgi(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head: Buffer | undefined = Buffer.alloc(0)
  output.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      response.write(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    let status = 200
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon)
      const value = line.slice(colon + 1).trim()
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    }
    response.writeHead(status)
    response.write(head.subarray(end + 4))
    head = undefined
  })
}
