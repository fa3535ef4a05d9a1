/** The policy as the protected branch has it, at a commit that is recorded, and never as a release brings it along. */
export { editedWithRelease } from './edited.ts'
export { gitPolicySource } from './git-source.ts'
export { githubPolicySource } from './github-source.ts'
export { type Policy, readPolicy } from './read.ts'
export type { PolicySource } from './source.ts'
