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
  'tool-missing':
    'A tool that makes evidence is not installed, and no download of it is pinned for this machine.',
  'tool-unreachable': 'A pinned tool could not be fetched.',
  'tool-checksum': 'A file that was fetched is not the one that is pinned; it was not run.',
  'sbom-failed': 'The list of what is in the image could not be made.',
  'signing-failed': 'The image could not be signed; its tag was not set.',
  'image-not-served': 'The registry has no image of this digest.',
  'image-not-whole': 'The registry serves the image without one of its parts.',
  'image-signature-missing': 'No signature of the image is in the registry.',
  'image-signature-invalid':
    'No signature of the image holds with the key or the trusted root of the policy.',
  'image-signer-unexpected': 'The image was signed by another workflow than the one that may build it.',
  'image-provenance-missing': 'The image is signed, and nothing says from which commit it was built.',
  'image-provenance-differs': 'The image was built from another commit or repository than the release says.',
  'image-sbom-missing': 'The list of contents that the provenance names is not in the registry.',
  'image-trust-unreadable': 'The file with the public key or the trusted root of the policy cannot be used.',
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
