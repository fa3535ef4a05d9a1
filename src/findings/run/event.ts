import { mapOf, textOf } from '../json/access.ts'

export interface EventCommits {
  /** The commit that the change goes to; absent where the commit itself is the reviewed one (push, schedule). */
  readonly base?: string
  /** Names of the judged commit: a pull request is scanned as its merge or as its head. */
  readonly judged: readonly string[]
}

/** A pull request, also of a fork, and a group of the merge queue go to a base; everything else is judged as it is. */
export function commitsOf(event: string, payload: unknown, sha: string): EventCommits {
  const body = mapOf(payload)
  if (event === 'merge_group') {
    const group = mapOf(body?.merge_group)
    const base = textOf(group?.base_sha)
    return { judged: [sha, ...present(textOf(group?.head_sha))], ...(base === undefined ? {} : { base }) }
  }
  const pull = mapOf(body?.pull_request)
  if (pull === undefined) return { judged: [sha] }
  const base = textOf(mapOf(pull.base)?.sha)
  return { judged: [sha, ...present(textOf(mapOf(pull.head)?.sha))], ...(base === undefined ? {} : { base }) }
}

function present(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text]
}

/** Events whose answer must not come from the change itself: without a base they are refused. */
export function needsBase(event: string): boolean {
  return event === 'merge_group' || event.startsWith('pull_request')
}
