/** Reason codes of image: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const imageReasons = {
  'image-repository-invalid': 'The name of the image repository is not one that a registry takes.',
  'image-tag-taken': 'The tag of this commit points to another image already; a tag is never moved.',
  'registry-unreachable': 'The registry did not answer within its bound.',
  'registry-login': 'The registry refused the credentials, or none were found for it.',
  'registry-refused': 'The registry refused the request; its own words say why.',
  'registry-digest-mismatch':
    'The registry serves other bytes than the digest it claims or than were pushed.',
  'registry-answer-unreadable': 'The registry, or a proxy before it, answered something that is no manifest.',
  'registry-blob-missing': 'A blob that a manifest names is not in the registry.',
  'referrer-not-listed': 'The registry took evidence about an image and does not list it.',
  'referrers-tag-fixed':
    'The registry has no referrers API, and its rule of immutable tags covers the tag that lists the evidence.',
  'git-missing': 'The folder is not a Git work tree, or Git is not installed.',
  'git-commit-missing': 'The commit is not in the local clone.',
  'dockerfile-missing': 'The commit has no Dockerfile at the path that was given.',
  'builder-missing': 'No program that builds images was found, or the one that was asked for is not there.',
  'build-failed': 'A step of the build failed; the answer names it.',
  'platform-unknown': 'A platform that was asked for is none that images are built for.',
  'platform-not-emulated':
    'A step of the build ran a program of another platform, and the machine of the builder cannot run it.',
  'build-timeout': 'The build took longer than its bound and was ended.',
  'disk-full': 'The disk of the runner is full.',
  'layout-invalid': 'The OCI layout is damaged, or holds no image or more than one.',
} as const satisfies Record<string, string>
