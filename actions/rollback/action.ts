import { defineAction, gitopsInputs, input } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'rollback',
  description:
    'Brings every region that runs a bad release back to the last one verified there: out of traffic first, then pinned in Git, then proved by what serves.',
  branding: { icon: 'rewind', color: 'red' },
  inputs: {
    mode: input.oneOf(['rollback', 'preflight'], {
      default: 'rollback',
      description:
        '`rollback` brings back; `preflight` says how each region would be brought back, changes nothing, and fails where that could not be fast.',
    }),
    config: input.text({ default: 'tuesday.yaml', description: 'Path of the tuesday.yaml of the service.' }),
    regions: input.list({
      description: 'Regions to bring back. Default: all that run the release.',
    }),
    digest: input.text({
      pattern: /^sha256:[0-9a-f]{64}$/,
      form: 'image digest (sha256: and 64 hex digits)',
      description:
        'The bad digest; it is vetoed and never goes out again. Default: the newest release that a region runs.',
    }),
    to: input.text({
      pattern: /^r[1-9][0-9]*$/,
      form: 'release id, e.g. `r7`',
      description:
        'Release to go back to. Default: the newest one verified in each region that is not vetoed.',
    }),
    person: input.text({ description: 'Who asks for it. Default: who started the run.' }),
    reason: input.text({
      description:
        'Why, in a sentence that the next reader of the ledger understands. Needed for `mode: rollback`.',
    }),
    fast: input.boolean({
      default: 'false',
      description:
        'All regions in one commit and at the same time, instead of one after the other in reverse order.',
    }),
    ...gitopsInputs,
  },
  outputs: {
    regions:
      'What happened in each region, as a JSON list: region, target, ok, why, case, expected, abortSeconds, trafficSeconds, seconds.',
    commit: 'Newest commit of the GitOps repository that this run read or made.',
  },
})
