import { defineAction, input, jobToken } from '../../src/action/index.ts'

const commit = { pattern: /^[0-9a-f]{40}$/, form: 'a commit id of 40 hex digits' } as const

export const action = defineAction({
  name: 'release-window',
  description:
    'Says whether a release may move forward in a region now, by the policy of the protected branch, and when it may next. `plan` prints the calendar of the whole train.',
  branding: { icon: 'calendar', color: 'green' },
  inputs: {
    mode: input.oneOf(['check', 'plan'], {
      default: 'check',
      description:
        '`check` judges one environment now; `plan` predicts when each region of a train would start.',
    }),
    environment: input.text({
      description: 'Environment of tuesday.yaml that is to be changed; `check` needs it.',
    }),
    config: input.text({ default: 'tuesday.yaml', description: 'Path of the tuesday.yaml of the service.' }),
    'policy-from': input.oneOf(['github', 'git'], {
      default: 'github',
      description: 'Where the policy is read: by GitHub’s API, or out of the clone in the workspace.',
    }),
    'policy-ref': input.text({
      description:
        'The protected branch that holds the policy. Default: the default branch of the repository.',
    }),
    commit: input.text({ ...commit, description: 'The commit that is released. Default: that of the run.' }),
    base: input.text({
      ...commit,
      description:
        'The commit before the change that is released; with it, a change that edits the policy as well is refused. Default: where the push began.',
    }),
    first: input.boolean({
      default: 'false',
      description: '`true` for the first region of a train, which starts on the day of `train.start` only.',
    }),
    needs: input.duration({
      default: '0s',
      max: '24h',
      description: 'What the step is expected to take; it has to fit into what is left of the opening.',
    }),
    severity: input.oneOf(['none', 'P1', 'P2'], {
      default: 'none',
      description: 'A hotfix passes windows and days off, and the freezes that let its severity pass.',
    }),
    incident: input.text({
      description: 'The incident that a hotfix mends: its number or URL. Needed with `severity`.',
    }),
    why: input.text({ description: 'Why the hotfix cannot wait. Needed with `severity`.' }),
    started: input.text({
      description:
        'For `plan`: regions that the train has started, as `prod-us=2026-11-17T14:05:00Z`, with commas.',
    }),
    openings: input.integer({
      default: '3',
      min: 1,
      max: 20,
      description: 'How many openings of each region are shown.',
    }),
    now: input.text({
      description:
        'Another time than now, RFC 3339. For `plan` a look ahead; for `check` taken only where every endpoint is on this machine.',
    }),
    'github-token': input.secret({ default: jobToken, description: 'Token with `contents: read`.' }),
  },
  outputs: {
    'next-opening':
      'When the environment opens next, RFC 3339; empty while it is open, and when it never does.',
    'closes-at':
      'When the present opening ends, RFC 3339; empty while it is closed, and when it lasts longer than a week.',
    'policy-commit': 'The commit of the protected branch that the policy was read from.',
    plan: 'For `plan`: the stops of the train as JSON.',
  },
})
