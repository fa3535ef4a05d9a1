import { defineAction, input } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'canary-gate',
  description:
    'Follows a digest on its Argo Rollout, promotes it step by step while its requests stay within the margin of the stable pods, and aborts it otherwise.',
  branding: { icon: 'activity', color: 'green' },
  inputs: {
    config: input.text({ default: 'tuesday.yaml', description: 'Path of the tuesday.yaml of the service.' }),
    environment: input.text({
      description: 'Environment of tuesday.yaml whose rollout is judged. All modes but `replay` need it.',
    }),
    digest: input.text({
      pattern: /^sha256:[0-9a-f]{64}$/,
      form: 'an image digest (sha256: and 64 hex digits)',
      description:
        'Digest that was pinned; a Rollout that runs another one is left alone. `watch` and `evaluate` need it.',
    }),
    mode: input.oneOf(['watch', 'evaluate', 'calibrate', 'replay'], {
      default: 'watch',
      description:
        '`watch` follows the rollout to its end; `evaluate` looks once and changes nothing; `calibrate` finds thresholds on the history of the stable pods; `replay` judges the rollouts of a file, without a cluster.',
    }),
    thresholds: input.text({
      description:
        'File of thresholds in the workspace: `calibrate` writes it, `watch`, `evaluate` and `replay` judge by it.',
    }),
    history: input.duration({
      default: '24h',
      min: '2h',
      max: '168h',
      description: 'How far `calibrate` looks back.',
    }),
    samples: input.text({
      description: 'File of rollouts as JSON lines for `replay`; docs/canary.md shows the form.',
    }),
    'scrape-interval': input.duration({
      min: '1s',
      max: '5m',
      description:
        'Scrape interval of the metrics: the length of a block of evidence. Default: `canary.scrape-interval` of tuesday.yaml, or 15s.',
    }),
    timeout: input.duration({
      default: '3h',
      max: '330m',
      description:
        'Longest time to follow the rollout; then the answer is `wait` and the rollout stays where it is.',
    }),
    'start-within': input.duration({
      default: '10m',
      max: '2h',
      description: 'Longest time for the cluster to take up the digest.',
    }),
    inconclusive: input.oneOf(['hold', 'promote-with-warning', 'abort'], {
      default: 'hold',
      description: 'What to do when a step, once extended, ends without enough requests to see a defect.',
    }),
    'slo-exempt': input.oneOf(['none', 'p0', 'security'], {
      default: 'none',
      description:
        'Lets a P0 or security fix go on although the error budget is spent or the service burns it; the summary says so.',
    }),
    'preview-url': input.text({
      description:
        'Address of the preview Service of a blue-green Rollout: probes of it are the evidence before the cut-over.',
    }),
    'active-url': input.text({
      description: 'Address of its active Service, probed at the same moments as a baseline.',
    }),
    probes: input.integer({
      default: '200',
      min: 20,
      max: 5000,
      description: 'Probes of the preview Service that a cut-over needs.',
    }),
    'flagger-rollback-url': input.text({
      description:
        'Where Flagger moves the workload: address of the gate behind the webhook of type `rollback` of its Canary, without `/open`. The only way in which a canary of Flagger is stopped.',
    }),
    'on-cancel': input.oneOf(['leave', 'abort'], {
      default: 'leave',
      description: 'What happens to the rollout when the job is cancelled.',
    }),
    kubeconfig: input.text({
      description:
        'Path of a kubeconfig with the context of the environment. Default: the variable KUBECONFIG.',
    }),
  },
  outputs: { weight: 'Weight of the canary in percent when the gate answered.' },
})
