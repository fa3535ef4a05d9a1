import { defineAction, gitopsInputs, input } from '../../src/action/index.ts'

const sha = { pattern: /^[0-9a-f]{40}$/, form: 'full commit id (40 hex digits)' }

export const action = defineAction({
  name: 'region-rollout',
  description:
    'Carries one release region by region: decides the next step from the ledger and dated facts, writes it down, and hands it out.',
  branding: { icon: 'map', color: 'green' },
  inputs: {
    mode: input.oneOf(
      [
        'adopt',
        'stage',
        'propose',
        'approve',
        'observe',
        'next',
        'record',
        'hold',
        'resume',
        'halt',
        'revoke',
        'cancel',
        'veto',
        'exclude',
        'include',
        'failover',
        'failback',
        'status',
      ],
      {
        required: true,
        description:
          '`adopt` takes what a region serves as its baseline, `stage` pins staging and proves the digest, `propose` and `approve` start a train, `observe` reads one region, `next` decides and hands out one step, `record` takes the outcome of a step, `hold`, `resume`, `halt`, `revoke`, `cancel`, `veto`, `exclude`, `include`, `failover` and `failback` are for people, `status` only reads.',
      },
    ),
    config: input.text({ default: 'tuesday.yaml', description: 'Path of the tuesday.yaml of the service.' }),
    environment: input.text({
      description:
        'Environment of tuesday.yaml: needed by `adopt`, `stage`, `observe`, `hold`; `resume` without it ends a halt.',
    }),
    digest: input.text({
      pattern: /^sha256:[0-9a-f]{64}$/,
      form: 'image digest (sha256: and 64 hex digits)',
      description:
        'Digest of the release: needed by `stage`; `propose` and `approve` take the newest staged one without it.',
    }),
    'source-sha': input.text({
      ...sha,
      description: 'Commit that the image was built from. Default: the commit of the run.',
    }),
    'config-sha': input.text({
      ...sha,
      description: 'Commit of chart and values. Default: `source-sha`; for `propose` and `approve` any.',
    }),
    plan: input.text({
      pattern: /^[0-9a-f]{64}$/,
      form: 'plan hash (64 hex digits)',
      description:
        'What is approved: the output `plan` of `propose`. Another plan in the ledger is then refused.',
    }),
    facts: input.json({
      // Their form is checked where they are used; here only that it is JSON at all.
      read: (value: unknown) => ({ ok: true, value }),
      description: 'Output `facts` of one `observe` job, or a list of several, for `next` and `status`.',
    }),
    transition: input.text({
      pattern: /^t-[0-9a-f]{16}$/,
      form: 'transition id',
      description: 'Output `transition` of the `next` whose step has an outcome now, for `record`.',
    }),
    outcome: input.oneOf(['pass', 'wait', 'fail', 'unknown'], {
      description: 'Output `verdict` of the action that ran the step, for `record`.',
    }),
    'outcome-reason': input.text({ description: 'Output `reason-code` of that action, for `record`.' }),
    schema: input.json({
      // Its form is checked where it is used; here only that it is JSON at all.
      read: (value: unknown) => ({ ok: true, value }),
      description:
        'Output `schema` of `migrate` with mode `lint`, for `stage`: what the release needs of the schema. A region that has not got it recorded is then not pinned, and one that took away more does not go back.',
    }),
    'schema-level': input.text({
      pattern: /^\d{1,9}$/,
      form: 'number of a migration',
      description: 'Output `level` of the `migrate` that ran the step `migrate`, for `record`.',
    }),
    reason: input.text({
      description:
        'Why: needed by every mode for people but `adopt` and `approve`; for `approve` where the platform says who it was; the evidence for `record`.',
    }),
    person: input.text({
      // As much as a ledger line keeps of a name.
      pattern: /^\S(.{0,198}\S)?$/,
      form: 'name of up to 200 characters',
      description: 'Who asks for it: needed by every mode for people. For `stage` the author.',
    }),
    incident: input.text({
      pattern: /^\S(.{0,198}\S)?$/,
      form: 'id of up to 200 characters',
      description: 'Id of the incident, for `stage` of a hotfix: it may take the place of a train.',
    }),
    severity: input.oneOf(['P1', 'P2'], { description: 'Severity of `incident`.' }),
    skip: input.boolean({
      default: 'false',
      description: 'For `hold`: the regions after this one go on without it.',
    }),
    to: input.text({ description: 'Region that takes the traffic, for `failover`.' }),
    wait: input.duration({
      default: '10m',
      max: '2h',
      description: 'Longest time for staging to serve the digest, for `stage`.',
    }),
    page: input.text({
      description:
        'File that `status` writes its page to: regions as rows, days as columns, and the figures of delivery.',
    }),
    ...gitopsInputs,
  },
  outputs: {
    step: '`none`, `migrate`, `pin`, `canary` or `bake`: what to run next.',
    region: 'Region of the step.',
    transition: 'Id to answer with in mode `record`.',
    release: 'Id of the release in the ledger, e.g. `r7`.',
    digest: 'Digest of the release of the step.',
    'config-sha': 'Commit of chart and values of the release of the step.',
    plan: 'Hash of the plan, which an approval is bound to.',
    facts: 'What `observe` saw, as JSON for `next`.',
    until: 'Earliest time at which asking again can give another answer.',
    commit: 'Commit of the GitOps repository that this run made.',
    page: 'File that `status` wrote its page to.',
  },
})
