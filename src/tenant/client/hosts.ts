import { err, type Fault, ok, type Result } from '../../release/index.ts'

export interface HostRules {
  /** Hosts besides the loopback that may be attacked, as the owner lists them. */
  readonly allowed: readonly string[]
  /** Name of the environment that the job runs for, where it has one. */
  readonly environment?: string
  /** Servers that the description names. */
  readonly servers: readonly { readonly url: string; readonly description?: string }[]
}

/** A word of its own in a name: `prod-us`, `api.production.example`, `eu_live`; not `product-api`. */
const production = /(^|[^a-z0-9])(prod|prd|production|live)([^a-z]|$)/i

/**
 * The simulator writes, deletes and lies about who it is. It goes to the loopback, or to a host that is listed, and never
 * to what is called production by its name, its environment or the description.
 */
export function targetOf(text: string, rules: HostRules): Result<URL> {
  const url = parsed(text)
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    return err(
      refused(
        `\`${text}\` is no http or https address`,
        'Give the address of the service that the job started.',
      ),
    )
  if (url.username !== '' || url.password !== '')
    return err(
      refused('the address holds a password', 'Give credentials as inputs: an address stands in logs.'),
    )
  if (rules.environment !== undefined && production.test(rules.environment))
    return err(
      refused(
        `the environment is ${rules.environment}`,
        'Run it where the service was started for the test.',
      ),
    )
  const host = url.hostname.toLowerCase()
  if (production.test(host))
    return err(
      refused(`${host} is named as production`, 'Start the service in the job and give that address.'),
    )
  const named = rules.servers.find(
    (server) =>
      parsed(server.url)?.hostname.toLowerCase() === host &&
      production.test(`${server.url} ${server.description ?? ''}`),
  )
  if (named !== undefined && !isLoopback(host))
    return err(
      refused(`the description calls ${host} production`, 'Give the address of a copy of the service.'),
    )
  if (
    !isLoopback(host) &&
    !rules.allowed.some((one) => one.toLowerCase() === host || one.toLowerCase() === url.host)
  )
    return err(
      refused(
        `${host} is neither the loopback nor listed`,
        'List the host in `allow-hosts` if it is made for tests.',
      ),
    )
  return ok(url)
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function refused(why: string, next: string): Fault {
  return {
    blame: 'user',
    reason: 'tenant-host-refused',
    cause: `Nothing was sent: ${why}.`,
    likely: 'The simulator writes, deletes and pretends to be another tenant.',
    next,
  }
}
