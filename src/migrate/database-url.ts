import { err, type Fault, ok, type Result } from '../release/index.ts'

export interface DatabaseAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password?: string
  readonly database: string
  /** `verify-full`: certificate and host name are checked. */
  readonly tls: 'off' | 'verify-full'
  /** Path of a file with the authorities to trust instead of the system's. */
  readonly authorities?: string
  readonly warnings: readonly string[]
}

/** What libpq and drivers call these words differs; none of them checks both certificate and name everywhere. */
const halfVerified = ['allow', 'prefer', 'require', 'verify-ca', 'no-verify']

/**
 * Reads a `postgres://` URL. TLS with full verification is the default, except to this very machine: drivers
 * differ in what they do when the URL says nothing.
 */
export function parseDatabaseUrl(text: string): Result<DatabaseAddress> {
  if (!URL.canParse(text)) return err(invalid('it is not a URL'))
  const url = new URL(text)
  if (!['postgres:', 'postgresql:'].includes(url.protocol))
    return err(invalid(`it begins with ${url.protocol}//`))
  const socket = url.searchParams.get('host')
  const host = socket ?? decode(url.hostname.replace(/^\[|\]$/g, ''))
  const user = decode(url.username)
  const database = decode(url.pathname.slice(1))
  if (host === undefined || host === '') return err(invalid('it names no host'))
  if (user === undefined || user === '') return err(invalid('it names no user'))
  if (database === undefined || database === '') return err(invalid('it names no database'))
  const password = decode(url.password)
  if (password === undefined) return err(invalid('its password is not percent-encoded'))

  const local = host.startsWith('/') || isLoopback(host)
  const mode = url.searchParams.get('sslmode') ?? (local ? 'disable' : 'verify-full')
  if (halfVerified.includes(mode)) return err(halfSecure(mode))
  if (mode !== 'disable' && mode !== 'verify-full')
    return err(invalid(`its sslmode is ${JSON.stringify(mode)}`))
  const authorities = url.searchParams.get('sslrootcert')
  return ok({
    host,
    port: Number(url.port || url.searchParams.get('port') || 5432),
    user,
    ...(password === '' ? {} : { password }),
    database,
    tls: mode === 'disable' ? 'off' : 'verify-full',
    ...(authorities === null || authorities === 'system' ? {} : { authorities }),
    warnings: warningsOf(url, mode === 'disable' && !local),
  })
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function warningsOf(url: URL, plain: boolean): readonly string[] {
  const warnings = plain ? ['The database is reached without TLS, as its URL says (sslmode=disable).'] : []
  const known = ['host', 'port', 'sslmode', 'sslrootcert']
  const ignored = [...url.searchParams.keys()].filter((key) => !known.includes(key))
  if (ignored.length > 0)
    warnings.push(`The URL of the database sets ${ignored.join(', ')}, which is not used here.`)
  return warnings
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Never quotes the URL: it holds a password. */
function invalid(why: string): Fault {
  return {
    blame: 'user',
    reason: 'database-url-invalid',
    cause: `The URL of the database cannot be used: ${why}.`,
    likely: 'The secret is empty, quoted, or holds a character that a URL needs percent-encoded.',
    next: 'Set it as postgres://user:password@host:5432/database.',
  }
}

function halfSecure(mode: string): Fault {
  return {
    blame: 'user',
    reason: 'database-url-invalid',
    cause: `The URL of the database asks for sslmode=${mode}, which does not check certificate and host name everywhere.`,
    next: 'Take it out (verify-full is the default, sslrootcert names your authority), or say sslmode=disable.',
  }
}
