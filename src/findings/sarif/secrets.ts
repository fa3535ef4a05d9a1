import { type JsonMap, mapOf, textOf } from '../json/access.ts'
import type { ReadFinding } from '../read/types.ts'
import { normalName } from './names.ts'

/** Tools whose findings are secrets: their reports quote the secret, in snippets at least. */
const hunters = ['gitleaks', 'trufflehog', 'detect-secrets', 'ggshield', 'git-secrets']

export function findsSecrets(tool: string): boolean {
  const name = normalName(tool)
  return hunters.some((hunter) => name === hunter || name.startsWith(`${hunter}-`))
}

/** What a result of such a tool may say: nothing that the tool put together from the line. */
export function secretMessage(id: string, title: string | undefined): string {
  return `${title ?? id}: a secret in the source; revoke it, history keeps it`
}

/**
 * gitleaks writes author, date and commit as partial fingerprints. Two leaks of one author are not the same leak; the
 * commit with the place is one, for commits do not change. Of a scan of the working tree all of them are empty.
 */
export function commitPlace(
  result: JsonMap,
  { rule, location }: Pick<ReadFinding, 'rule' | 'location'>,
): string | undefined {
  const commit = textOf(mapOf(result.partialFingerprints)?.commitSha)
  if (commit === undefined) return undefined
  return `${commit}:${location?.file ?? ''}:${rule}:${location?.line ?? 0}:${location?.column ?? ''}`
}
