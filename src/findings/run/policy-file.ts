import { fileAt, type GitContext } from './git.ts'

export interface PolicyWish {
  /** From the root of the repository, normalised. */
  readonly file: string
  /** True lets the change bring its own policy: for trying one out. */
  readonly fromHead: boolean
  /** The commit that the change goes to; without it the checkout is the reviewed state. */
  readonly base: string | undefined
  readonly head: string
}

export interface PolicyText {
  /** Absent: the commit has no such file. */
  readonly text?: string
  readonly commit: string
  /** What a reader of the answer has to know of which policy was in force. */
  readonly notes: readonly string[]
}

/** The text of a policy from the commit that a change goes to: a change does not excuse itself. */
export async function policyText(
  context: GitContext,
  { file, fromHead, base, head }: PolicyWish,
): Promise<PolicyText> {
  const commit = fromHead || base === undefined ? head : base
  const text = await fileAt(context, commit, file)
  const own = commit === head ? text : await fileAt(context, head, file)
  const notes = [
    ...(own === text ? [] : [`${file} differs in this change; what it says counts once it is merged.`]),
    ...(fromHead && base !== undefined
      ? [`${file} of the change itself is in force, since policy-from is head.`]
      : []),
  ]
  return { ...(text === undefined ? {} : { text }), commit, notes }
}
