/** Reason codes of the GitOps repository: code -> what it means, in one sentence. */
export const gitopsReasons = {
  'gitops-unreachable': 'The GitOps repository could not be read or written within its bound.',
  'gitops-url-invalid':
    'The address of the GitOps repository cannot be used: it carries a password, or is no Git URL.',
  'gitops-repository-missing': 'There is no such GitOps repository, or the credentials may not see it.',
  'gitops-commit-missing': 'A commit that has to be compared does not exist in the GitOps repository.',
  'gitops-branch-missing': 'The branch that holds pins and ledger does not exist in the GitOps repository.',
  'gitops-rejected': 'A hook, ruleset or branch protection of the GitOps repository refused the commit.',
  'gitops-conflict': 'Other writers kept moving the branch; nothing of this decision was written.',
  'gitops-write-unknown':
    'The answer to a commit was lost and the branch could not be read: it may or may not stand.',
  'gitops-cache-broken':
    'The local copy of the GitOps repository is damaged or locked by a process that was killed.',
  'gitops-path-invalid':
    'A path in the GitOps repository leaves it, is absolute, names .git, or is written twice.',
  'gitops-file-unreadable': 'A file of a Git repository is a link, a submodule, or not UTF-8 text.',
  'yaml-unreadable': 'A YAML file that has to be edited does not parse without an error.',
  'yaml-target-missing': 'The value that has to be edited does not stand in the YAML file.',
  'yaml-target-refused': 'The value stands where an edit of one line could change something else as well.',
  'yaml-edit-unproved': 'The edited YAML file does not differ in exactly the one value; it was thrown away.',
  'image-automation':
    'Something else writes images in what the environment is made of, and would undo a pin.',
  'pins-missing': 'The environment has no pins file in the GitOps repository.',
  'pins-invalid': 'The pins file of an environment does not hold a commit and one digest per workload.',
  'config-commit-missing': 'The commit that chart and values come from is not in the local clone.',
  'chart-missing': 'The chart or the values file does not exist in the service repository at that commit.',
  'chart-values-displaced':
    'The chart has a values.yaml of its own, which the values of the environment would displace.',
  'github-refused': 'GitHub refused the request; its own words say why.',
  'github-missing': 'GitHub has no such repository or object, or the credentials may not see it.',
  'github-rate-limited': 'GitHub asked to wait for longer than this run may.',
  'github-answer-unreadable':
    'GitHub, or a proxy before it, answered something else than what was asked for.',
} as const satisfies Record<string, string>
