import type { Conclusion } from './conclude.ts'

const suite = 'tuesday-release/tuesday/.github/workflows'

/** The workflows of a service that call those of the suite, by their path. */
export function callers({ environments, file }: Conclusion): ReadonlyMap<string, string> {
  const staging = environments.find(({ production }) => !production)?.name ?? 'staging'
  const all = JSON.stringify(environments.map(({ name }) => name))
  const database = 'migrations' in file ? `\n      database-url: \${{ secrets.DATABASE_URL }}` : ''
  const texts: readonly (readonly [string, string])[] = [
    [
      'release',
      `# Every commit on main becomes an image, goes to ${staging} and is proposed for production.
name: release
on:
  push:
    branches: [main]

permissions: {}

jobs:
  release:
    uses: ${suite}/release.yml@v1
    permissions:
      contents: read # the commit that is built
      packages: write # the push of the image
    with:
      config: tuesday.yaml${staging === 'staging' ? '' : `\n      staging: ${staging}`}
    secrets:
      kubeconfig: \${{ secrets.KUBECONFIG }}
      database-url: \${{ secrets.DATABASE_URL }}
      gitops-token: \${{ secrets.GITOPS_TOKEN }}
`,
    ],
    [
      'train',
      `# Moves the train by at most one step a run. A tick that is late or lost delays a release and breaks nothing.
name: train
on:
  schedule:
    - cron: "*/10 * * * *"
  workflow_dispatch:

permissions: {}

jobs:
  train:
    uses: ${suite}/train.yml@v1
    permissions:
      contents: read # tuesday.yaml, chart and values
    with:
      config: tuesday.yaml
      regions: '${all}'
    secrets:
      kubeconfig: \${{ secrets.KUBECONFIG }}${database}
      gitops-token: \${{ secrets.GITOPS_TOKEN }}
`,
    ],
    [
      'approve',
      `# A yes to one plan, by the person who presses the button. Not by the author: that is refused.
name: approve
on:
  workflow_dispatch:
    inputs:
      plan:
        description: Hash of the plan, from the summary of the release
        type: string
        required: true

permissions: {}

jobs:
  approve:
    uses: ${suite}/approve.yml@v1
    permissions:
      contents: read # tuesday.yaml of the release
    with:
      config: tuesday.yaml
      plan: \${{ inputs.plan }}
    secrets:
      gitops-token: \${{ secrets.GITOPS_TOKEN }}
`,
    ],
    [
      'rollback',
      `# Back to the last verified release: no window, no approval, no queue.
name: rollback
on:
  workflow_dispatch:
    inputs:
      regions:
        description: Regions, separated by commas; empty for all that run the release
        type: string
        default: ""
      reason:
        description: What is wrong, for the ledger and for everyone who is told
        type: string
        required: true

permissions: {}

jobs:
  rollback:
    uses: ${suite}/rollback.yml@v1
    permissions:
      contents: read # tuesday.yaml, chart and values of the release to go back to
    with:
      config: tuesday.yaml
      regions: \${{ inputs.regions }}
      reason: \${{ inputs.reason }}
    secrets:
      kubeconfig: \${{ secrets.KUBECONFIG }}
      gitops-token: \${{ secrets.GITOPS_TOKEN }}
`,
    ],
  ]
  return new Map(texts.map(([name, text]) => [`.github/workflows/${name}.yml`, text]))
}
