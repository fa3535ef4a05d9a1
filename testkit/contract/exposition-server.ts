import { type RunningServer, startServer } from '../http/index.ts'

export interface ExpositionServer {
  readonly url: string
  readonly host: string
  set(text: string | undefined): void
  close(): Promise<void>
}

/** A target to scrape whose exposition a test sets; without one it fails. */
export async function startExposition(): Promise<ExpositionServer> {
  let text: string | undefined = ''
  const server: RunningServer = await startServer({
    handle: () =>
      text === undefined
        ? { status: 500, body: 'down' }
        : {
            status: 200,
            headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
            body: text,
          },
    onDefect: (error) => ({ status: 500, body: String(error) }),
  })
  return {
    url: `${server.url}/metrics`,
    host: server.host,
    set: (next) => {
      text = next
    },
    close: server.close,
  }
}
