// Holds a PostgreSQL server of testkit/postgres, which ends with the process that started it: this one.
import fs from 'node:fs'
import { parseArgs } from 'node:util'
import { startPostgres } from '../../testkit/postgres/index.ts'

const { values } = parseArgs({ options: { urlFile: { type: 'string' } } })
const server = await startPostgres({ major: 16 })
const stop = async () => {
  await server.stop()
  process.exit(0)
}
process.once('SIGTERM', stop).once('SIGINT', stop)

const file = values.urlFile ?? ''
fs.writeFileSync(`${file}.draft`, server.url)
fs.renameSync(`${file}.draft`, file)
setInterval(() => undefined, 60_000)
