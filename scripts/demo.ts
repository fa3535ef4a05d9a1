// A good release over four regions and a bad one that is stopped, on the stand-ins: see CONTRIBUTING.md.
import { resolve } from 'node:path'
import { runDemo } from './demo/run.ts'

const stop = new AbortController()
// Once is enough and twice changes nothing: what was started is ended within seconds.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(name))

process.exitCode = await runDemo({
  page: resolve('demo-report.html'),
  say: (line) => console.log(line),
  signal: stop.signal,
})
