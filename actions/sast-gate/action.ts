import { defineAction, input } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'sast-gate',
  description:
    'Reads the reports of any scanner and blocks what is new and bad. A scan that failed, is missing or looked at too little is never green.',
  branding: { icon: 'shield', color: 'red' },
  inputs: {
    reports: input.list({
      required: true,
      description:
        'A report a line: `tool path [key=value …]`, with the keys format, category, exit, known-exits, outcome, scanned, source. SARIF 2.1.0, osv-scanner, npm-audit, trivy, dependency-review, gitleaks, cyclonedx.',
    }),
    'require-tools': input.list({
      description: 'Tools that must have a run, one a line. Every tool of `reports` must have one anyway.',
    }),
    'base-reports': input.list({
      description:
        'Reports of the same scanners on the base commit, in the form of `reports`: the best baseline.',
    }),
    baseline: input.text({
      description:
        'Path of a baseline that this action has written (output `baseline`). A committed one is read from the base commit. Without any baseline everything is new.',
    }),
    policy: input.text({
      default: 'findings.yaml',
      description: 'Policy and suppressions, from the root of the repository; read from the base commit.',
    }),
    'policy-from': input.oneOf(['base', 'head'], {
      default: 'base',
      description:
        '`head` lets a change bring its own policy and suppress its own findings: only to try a policy out.',
    }),
    base: input.text({
      pattern: /^[0-9a-f]{40}$/,
      form: 'a commit id (40 hex digits)',
      description: 'Commit that the change goes to. Default: that of the pull request or of the merge queue.',
    }),
    'source-root': input.text({
      description:
        'Absolute folder that stood for the checkout where the scan ran, e.g. `/src` in a container.',
    }),
  },
  outputs: {
    state: '`clean`, `findings` or `incomplete`.',
    new: 'Number of new findings.',
    blocking: 'Number of findings that block.',
    sarif: 'Folder with the merged SARIF, for github/codeql-action/upload-sarif.',
    baseline: 'Path of the baseline for later runs: keep it as an artifact of the target branch.',
  },
})
