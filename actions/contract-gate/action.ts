import { defineAction, gitopsInputs, input, jobToken } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'contract-gate',
  description:
    'Blocks an edit of a contract that breaks who relies on it: against the target branch, and against every version that the ledger says is running.',
  branding: { icon: 'git-pull-request', color: 'orange' },
  inputs: {
    contracts: input.list({
      description:
        'A contract a line: `openapi api/openapi.yaml`, also asyncapi, events (a catalogue), json-schema, avro and protobuf, with `was=OLD-PATH` after a move. Default: the section contracts of tuesday.yaml.',
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
      description:
        'Environments of tuesday.yaml that `deployed` and the broker are asked for, one a line. Default: all.',
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
    'pact-broker': input.text({
      pattern: /^https?:\/\/[^\s@]+$/,
      form: 'an address without a password, https://…',
      description: 'Pact Broker that is asked `can-i-deploy` for each environment. Default: none is asked.',
    }),
    'pact-token': input.secret({ description: 'Token for the broker.' }),
    pacticipant: input.text({
      description: 'Name of the service at the broker. Default: that of tuesday.yaml.',
    }),
    'pact-version': input.text({
      description: 'Version at the broker. Default: the commit of the checkout.',
    }),
    'require-consumers': input.list({
      description:
        'Consumers whose pacts the broker must have considered, one a line. Without any, one pact at least.',
    }),
    'pact-timeout': input.duration({
      default: '5m',
      max: '1h',
      description: 'How long the broker is asked again while a verification is missing; then the step fails.',
    }),
    gitops: gitopsInputs.gitops,
    'gitops-url': gitopsInputs['gitops-url'],
    'github-token': input.secret({
      default: jobToken,
      description: 'Token that may read the GitOps repository; needed for `deployed` only.',
    }),
  },
  outputs: {
    state:
      '`compatible`, `new`, `new-not-allowed`, `breaking`, `incomplete`, `pact-refused` or `pact-unknown`.',
    breaking: 'Number of edits that block.',
    'rollback-unsafe':
      'Environments in which going back to what runs now would break who has begun to use the new contract, as a JSON list.',
    sarif: 'Path of a SARIF file with what blocks and what is worth a look.',
  },
})
