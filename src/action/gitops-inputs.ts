import { input } from './inputs.ts'
import { jobToken } from './registry.ts'

/** Inputs of every action that writes the ledger and pins, and reads clusters. */
export const gitopsInputs = {
  gitops: input.oneOf(['github', 'git'], {
    default: 'github',
    description: 'How commits are made: through the GitHub API (signed), or by a plain Git push.',
  }),
  'gitops-url': input.text({
    description: 'Git URL of the GitOps repository for `gitops: git`. Default: from tuesday.yaml.',
  }),
  'github-token': input.secret({
    default: jobToken,
    description:
      'Token that may write contents of the GitOps repository: of a GitHub App, where it is another one.',
  }),
  source: input.text({
    default: '.',
    description: 'Folder of a clone of the service repository that holds the commits of chart and values.',
  }),
  kubeconfig: input.text({
    description: 'Path of a kubeconfig with the contexts of tuesday.yaml. Default: the variable KUBECONFIG.',
  }),
  now: input.text({
    pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/,
    form: 'time in UTC, e.g. 2026-11-17T14:00:00Z',
    description:
      'Another time than now, for rehearsals: only where every endpoint is on this machine; the ledger says so.',
  }),
} as const
