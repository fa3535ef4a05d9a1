/**
 * Every document of a folder of cases against itself in another spelling that changes nothing of what travels: each
 * error or warning is a false alarm. `node bench/openapi-respelt.ts --cases DIR`, one JSON line a spelling.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { compareDescriptions, type FileReader, folderReader, loadDescription } from '../src/contract/index.ts'
import { readCases } from './openapi/cases.ts'
import { respellings } from './openapi/respell.ts'

const { values } = parseArgs({ options: { cases: { type: 'string' } } })
if (values.cases === undefined) {
  console.error('Give the folder of the cases: node bench/openapi-respelt.ts --cases DIR')
  process.exit(2)
}
const folder = values.cases
const files = new Set(readCases(folder).flatMap(({ base, revision }) => [base, revision]))
let alarms = 0
for (const { name, apply } of respellings) {
  const counts = { documents: 0, refused: 0, alarms: 0 }
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8')
    let other: string
    try {
      other = JSON.stringify(apply(parse(text, { merge: true, uniqueKeys: false })))
    } catch {
      counts.refused += 1
      continue
    }
    const disk = folderReader(folder)
    const changed: FileReader = {
      read: async (path) => (path === file ? { ok: true, value: other } : disk.read(path)),
    }
    const [base, revision] = [await loadDescription(file, disk), await loadDescription(file, changed)]
    const compared = base.ok && revision.ok ? compareDescriptions(base.value, revision.value) : undefined
    if (compared === undefined || !compared.ok) {
      counts.refused += 1
      continue
    }
    counts.documents += 1
    const wrong = compared.value.findings.filter(({ level }) => level !== 'info')
    if (wrong.length === 0) continue
    counts.alarms += 1
    alarms += 1
    if (counts.alarms <= 5)
      console.error(
        name,
        file,
        wrong.slice(0, 3).map(({ id, where }) => `${id} ${where}`),
      )
  }
  console.log(JSON.stringify({ bench: 'openapi-respelt', spelling: name, ...counts }))
}
process.exitCode = alarms > 0 ? 1 : 0
