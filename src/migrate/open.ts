import { err, ok, type Result } from '../release/index.ts'
import type { DatabaseAddress } from './database-url.ts'
import { connectionFault, readOnly, user } from './faults.ts'
import type { Database, Session } from './session.ts'
import { sqlError } from './sql-error.ts'

/** DETACH CONCURRENTLY and client_connection_check_interval came with 14. */
const oldestVersion = 14

/** Opens both sessions and makes sure that this server can be migrated at all. */
export async function openDatabase(
  address: DatabaseAddress,
  options: { readonly applicationName: string; readonly write: boolean },
): Promise<Result<Database>> {
  const where = `${address.host}:${address.port}/${address.database}`
  const { openSession } = await import('./connect.heavy.ts')
  const sessions: Session[] = []
  const close = async () => void (await Promise.all(sessions.map((session) => session.end())))
  try {
    const work = await openSession(address, options.applicationName)
    sessions.push(work)
    const observer = await reopening(() => openSession(address, `${options.applicationName} (observer)`))
    sessions.push(observer)
    const [facts] = await work.query(
      `select current_setting('server_version_num')::int as version, pg_backend_pid() as pid,
              pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as read_only`,
    )
    const version = Number(facts?.version)
    const refusal =
      Math.trunc(version / 10_000) < oldestVersion
        ? tooOld(version, where)
        : facts?.pid !== work.pid
          ? behindPooler(where)
          : options.write && facts.read_only === true
            ? readOnly(where)
            : undefined
    if (refusal === undefined) return ok({ work, observer, version, close })
    await close()
    return err(refusal)
  } catch (error) {
    await close()
    return err(connectionFault(sqlError(error), where))
  }
}

/** A session without state of its own: it is opened anew when the connection has broken. */
async function reopening(open: () => Promise<Session>): Promise<Session> {
  let current = await open()
  let opening: Promise<Session> | undefined
  return {
    get pid() {
      return current.pid
    },
    async query(sql, values, boundMs) {
      try {
        return await current.query(sql, values, boundMs)
      } catch (error) {
        if (sqlError(error).answered) throw error
        opening ??= open().finally(() => {
          opening = undefined
        })
        const broken = current
        current = await opening
        await broken.end()
        return current.query(sql, values, boundMs)
      }
    },
    cancel: () => current.cancel(),
    end: () => current.end(),
  }
}

function tooOld(version: number, where: string) {
  return user('database-version', `The server at ${where} is PostgreSQL ${Math.trunc(version / 10_000)}.`, {
    next: `Use PostgreSQL ${oldestVersion} or newer; 16, 17 and 18 are tested.`,
  })
}

/** The process id of the greeting is the pooler's invention, the one asked for is the server's: measured on PgBouncer. */
function behindPooler(where: string) {
  return user('database-pooler', `A connection pooler answers at ${where}.`, {
    likely: 'The URL is the one of the application, which goes through PgBouncer or its like.',
    next: 'Use the direct URL of the server: in transaction mode a pooler gives one lock to two runs.',
  })
}
