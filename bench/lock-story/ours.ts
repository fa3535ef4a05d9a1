/** Our runner as a process of its own: `node ours.ts URL FOLDER`. */
import { applyFolder } from '../migrate/apply-folder.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const result = await applyFolder(url, folder, { budgetMs: 120_000, say: (line) => console.error(line) })
if (!result.ok) {
  console.error(result.fault.cause)
  process.exitCode = 1
}
