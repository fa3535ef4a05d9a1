/** The runner as a process that tells its own peak of memory: `node measured-runner.ts URL FOLDER`. */
import { readFile } from 'node:fs/promises'
import { applyFolder } from './apply-folder.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const result = await applyFolder(url, folder, { budgetMs: 600_000 })
if (!result.ok) console.error(result.fault.cause)
// The peak as Linux keeps it; getrusage would also count what the parent had when it forked.
const status = await readFile('/proc/self/status', 'utf8')
const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS)
process.stdout.write(JSON.stringify({ ok: result.ok, maxRss: peak }))
