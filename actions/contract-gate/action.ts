import { defineAction, gitopsInputs, input, jobToken } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'contract-gate',
  description:
    'Blocks an edit of a contract that breaks who relies on it: against the target branch, and against every version that the ledger says is running.',
  branding: { icon: 'git-pull-request', color: 'orange' },
  inputs: {
    contracts: input.list({
      description:
        'A contract a line: `openapi api/openapi.yaml`, also asyncapi, events (a catalogue), json-schema and avro, with `was=OLD-PATH` after a move. Default: the section contracts of tuesday.yaml.',
    }),
    config: input.text({ default: 'tuesday.yaml', description: 'Path of the tuesday.yaml of the service.' }),
    against: input.oneOf(['base', 'deployed', 'both'], {
      default: 'base',
      description:
        '`base`: the commit that the change goes to. `deployed`: what the ledger says is running in each environment, also of two versions during a rollout.',
    }),
    base: input.text({
      pattern: /^(?!-)[A-Za-z0-9_./-]{1,200}$/,
      form: 'a commit id, branch or tag',
      description:
        'What `base` means. Default: the base of the pull request or of the merge queue, or where the push began.',
    }),
    environments: input.list({
      description: 'Environments of tuesday.yaml that `deployed` means, one a line. Default: all.',
    }),
    'allow-new': input.boolean({
      default: 'false',
      description: '`true` lets a contract pass that has no version to compare with anywhere.',
    }),
    policy: input.text({
      default: 'contracts.yaml',
      description: 'Levels by rule and environment, and approvals; read from the base commit.',
    }),
    'policy-from': input.oneOf(['base', 'head'], {
      default: 'base',
      description: '`head` lets a change bring its own policy and approve itself: only to try a policy out.',
    }),
    gitops: gitopsInputs.gitops,
    'gitops-url': gitopsInputs['gitops-url'],
    'github-token': input.secret({
      default: jobToken,
      description: 'Token that may read the GitOps repository; needed for `deployed` only.',
    }),
  },
  outputs: {
    state: '`compatible`, `new`, `new-not-allowed`, `breaking` or `incomplete`.',
    breaking: 'Number of edits that block.',
    'rollback-unsafe':
      'Environments in which going back to what runs now would break who has begun to use the new contract, as a JSON list.',
    sarif: 'Path of a SARIF file with what blocks and what is worth a look.',
  },
})
