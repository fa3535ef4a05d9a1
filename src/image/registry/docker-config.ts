import type { Exec } from '../../release/index.ts'
import type { Credentials, FindCredentials } from './auth.ts'

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

/** Docker Hub is filed under its old address. */
const hub = 'https://index.docker.io/v1/'
const helperBoundMs = 30_000

/**
 * Finds what `docker login`, `podman login` or a login action left in Docker's configuration file: a password, a
 * token, or the name of a helper program that knows it (ECR, GAR, ACR, a key ring).
 */
export function dockerCredentials(options: {
  /** The text of the file; undefined when there is none. */
  readonly config: string | undefined
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  readonly mask: (secret: string) => void
}): FindCredentials {
  const config = readConfig(options.config)
  return async (host, signal) => {
    const names = host === 'docker.io' ? [hub, host] : [host, `https://${host}`, `https://${host}/v1/`]
    const found = (await fromHelper(config, names, options, signal)) ?? fromFile(config, names)
    if (found !== undefined) options.mask(found.kind === 'identity' ? found.token : found.password)
    return found
  }
}

function readConfig(text: string | undefined): DockerConfig {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as DockerConfig) : {}
  } catch {
    // A damaged file holds no credentials; the registry then says what it misses.
    return {}
  }
}

async function fromHelper(
  { credHelpers, credsStore }: DockerConfig,
  names: readonly string[],
  { exec, env }: { readonly exec: Exec; readonly env: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  for (const name of names) {
    const helper = credHelpers?.[name] ?? credsStore
    if (helper === undefined || !/^[A-Za-z0-9._-]+$/.test(helper)) continue
    const answer = await exec(`docker-credential-${helper}`, ['get'], {
      env,
      stdin: name,
      timeoutMs: helperBoundMs,
      signal,
    }).catch(() => undefined)
    if (answer?.code !== 0) continue
    const { Username, Secret } = JSON.parse(answer.stdout) as {
      readonly Username?: string
      readonly Secret?: string
    }
    if (Username === undefined || Secret === undefined || Secret === '') continue
    // The helpers' own convention for "this is no password".
    if (Username === '<token>') return { kind: 'identity', token: Secret }
    return { kind: 'password', username: Username, password: Secret }
  }
  return undefined
}

function fromFile({ auths }: DockerConfig, names: readonly string[]): Credentials | undefined {
  for (const name of names) {
    const entry = auths?.[name]
    if (entry?.identitytoken !== undefined && entry.identitytoken !== '') {
      return { kind: 'identity', token: entry.identitytoken }
    }
    const pair = Buffer.from(entry?.auth ?? '', 'base64').toString('utf8')
    const colon = pair.indexOf(':')
    if (colon > 0)
      return { kind: 'password', username: pair.slice(0, colon), password: pair.slice(colon + 1) }
  }
  return undefined
}
