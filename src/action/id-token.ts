import { err, ok, type Result } from '../release/index.ts'

/** A token of GitHub's OIDC issuer for this job. */
export async function idToken(
  audience: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<string>> {
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL || !env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) {
    return err({
      blame: 'user',
      reason: 'permission-denied',
      cause: 'GitHub offers this job no OIDC token.',
      likely: 'The job, or the workflow that calls it, does not have `permissions: id-token: write`.',
      next: 'Add `id-token: write` to the permissions of the job.',
    })
  }
  const { getIDToken } = await import('./oidc.heavy.ts')
  try {
    return ok(await getIDToken(audience))
  } catch (error) {
    return err({
      blame: 'world',
      reason: 'network-unreachable',
      cause: `GitHub's OIDC issuer gave no token: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Run the job again.',
    })
  }
}
