import { describeProblems, readReviewed } from '../../config/index.ts'
import { err, ok, type Result } from '../../release/index.ts'
import { type Policy, policySchema } from './schema.ts'

const knownKeys = [
  ...Object.keys(policySchema.shape),
  ...Object.keys(policySchema.shape.suppressions.unwrap().element.shape),
  ...Object.keys(policySchema.shape.rules.unwrap().element.shape),
  ...['known-days', 'when', 'tool', 'category'],
]

/** What blocks, and what is suppressed. */
export function readPolicy(text: string, file: string): Result<Policy> {
  const read = readReviewed(text, policySchema, knownKeys)
  if (read.ok) return ok(read.value)
  const { sentence, at } = describeProblems(read.problems, file)
  return err({
    blame: 'user',
    reason: 'findings-policy-invalid',
    cause: `${file} is not a policy of findings: ${sentence}.`,
    likely: 'A key is misspelt, or a suppression lacks its reason, owner or end.',
    next: 'Correct the file on the branch that this change goes to; docs/sast-gate.md shows each key.',
    at,
  })
}
