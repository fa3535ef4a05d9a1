import type { Fault } from '../release/index.ts'
import type { SqlError } from './sql-error.ts'

/** A connection that could not be made, or a question to the server that failed before any statement of a migration. */
export function connectionFault(error: SqlError, where: string): Fault {
  const { code, message } = error
  const said = `${where}: ${message}`
  // The driver itself refuses to answer a challenge without a password; it has no code for that.
  if (code === '28P01' || code === '28000' || message.startsWith('SASL:')) {
    return user('database-login-refused', `The database refused the login at ${said}.`, {
      likely: 'The password was rotated, or the URL belongs to another environment.',
      next: 'Check the secret that holds the URL of this environment.',
    })
  }
  if (code === '3D000') {
    return user('database-missing', `There is no such database at ${said}.`, {
      next: 'Create the database, or correct its name in the URL.',
    })
  }
  if (code === '42501') {
    return user('permission-denied', `The role of the migrations lacks a right at ${said}.`, {
      next: 'Grant the role CREATE on the schema, and ownership of the tables that it changes.',
    })
  }
  if (code === '25006') return readOnly(where)
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER/.test(code) || /certificate|SSL/i.test(message)) {
    return user('database-tls', `TLS with the database failed at ${said}.`, {
      likely:
        'Its certificate has expired, is for another name, or comes from an authority that this machine does not know.',
      next: 'Name the authority with sslrootcert=FILE in the URL, or renew the certificate.',
    })
  }
  if (code === '53300' || code.startsWith('57P0')) {
    return world('database-busy', `The server takes no connection now at ${said}.`, {
      likely: 'All connections are in use, or the server is starting or ending.',
      next: 'Run again in some minutes.',
    })
  }
  return world('database-unreachable', `The database could not be asked at ${said}.`, {
    likely: 'The server is down, the name is wrong, or this runner has no way into its network.',
    next: 'Run it on a runner that reaches the database (`runner` of the environment), then run again.',
  })
}

export function readOnly(where: string): Fault {
  return user('database-read-only', `The database at ${where} does not take writes.`, {
    likely: 'The URL leads to a replica, or the server is held read only for maintenance.',
    next: 'Use the URL of the primary server.',
  })
}

type Words = { readonly likely?: string; readonly next: string }

export function user(reason: Fault['reason'], cause: string, words: Words): Fault {
  return { blame: 'user', reason, cause, ...words }
}

export function world(reason: Fault['reason'], cause: string, words: Words): Fault {
  return { blame: 'world', reason, cause, ...words }
}
