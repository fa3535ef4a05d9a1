/** A runner that kills itself at its n-th question to the server. Started by killed.fixture.ts with url, n and files. */
import { migrate } from './on-server.fixture.ts'
import type { Database } from './session.ts'

const [url = '', at = '0', files = '{}'] = process.argv.slice(2)
let asked = 0

function dying(database: Database): Database {
  const { work } = database
  return {
    ...database,
    work: {
      ...work,
      query(sql, values, boundMs) {
        asked += 1
        const answer = work.query(sql, values, boundMs)
        // On its way to the server: it may or may not be carried out.
        if (asked === Number(at)) setImmediate(() => process.kill(process.pid, 'SIGKILL'))
        return answer
      },
    },
  }
}

const result = await migrate(url, JSON.parse(files), { wrap: dying })
process.stdout.write(JSON.stringify({ ok: result.ok, asked }))
