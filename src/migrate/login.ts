import { type Exec, err, ok, type Result } from '../release/index.ts'
import type { DatabaseAddress } from './database-url.ts'
import { user, world } from './faults.ts'

export type CloudLogin = 'rds-iam' | 'cloud-sql-iam'

interface Program {
  readonly command: string
  readonly args: readonly string[]
}

/** The token is made by the cloud's own program, with the identity that an earlier step of the job has logged in. */
export function tokenProgram(
  login: CloudLogin,
  { host, port, user: name }: DatabaseAddress,
): Result<Program> {
  if (login === 'cloud-sql-iam') return ok({ command: 'gcloud', args: ['sql', 'generate-login-token'] })
  const region = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1]
  if (region === undefined) {
    return err(
      user('database-url-invalid', `${host} is no address of RDS, and its region cannot be told.`, {
        next: 'Use the endpoint name of the instance or cluster (….REGION.rds.amazonaws.com) in the URL.',
      }),
    )
  }
  const where = ['--hostname', host, '--port', String(port), '--username', name, '--region', region]
  return ok({ command: 'aws', args: ['rds', 'generate-db-auth-token', ...where] })
}

/** The address with a fresh token as its password; `mask` hides it before anything is done with it. */
export async function logIn(
  login: CloudLogin,
  address: DatabaseAddress,
  options: {
    readonly exec: Exec
    readonly env: Readonly<Record<string, string>>
    readonly signal: AbortSignal
    readonly mask: (secret: string) => void
  },
): Promise<Result<DatabaseAddress>> {
  const { exec, env, signal, mask } = options
  if (address.tls === 'off') {
    return err(
      user('database-url-invalid', 'A token of the cloud must not go over a connection without TLS.', {
        next: 'Take sslmode=disable out of the URL.',
      }),
    )
  }
  const program = tokenProgram(login, address)
  if (!program.ok) return program
  const { command, args } = program.value
  const failed = (why: string) =>
    world('database-login-refused', `${command} made no token for ${address.user}: ${why}.`, {
      likely: 'The program is not on this runner, or no earlier step has logged in to the cloud.',
      next: `Log in first (OIDC) with a role that may make database tokens, and have ${command} on the runner.`,
    })
  try {
    const { code, stdout, stderr } = await exec(command, args, { env, timeoutMs: 30_000, signal })
    const token = stdout.trim()
    if (token !== '') mask(token)
    if (code !== 0 || token === '' || /\s/.test(token))
      return err(failed(stderr.trim().split('\n').at(-1) ?? `exit code ${code}`))
    return ok({ ...address, password: token })
  } catch (thrown) {
    return err(failed(thrown instanceof Error ? thrown.message : String(thrown)))
  }
}
