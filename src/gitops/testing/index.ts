/** For tests of those who use a GitOps repository: a real bare repository, and the contract of the port. */
export { git, lookInto, makeBare, testEnv, testFolder } from './bare.ts'
export { type ContractTarget, describeGitOpsRepoContract } from './repo-contract.ts'
