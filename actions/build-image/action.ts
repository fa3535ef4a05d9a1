import { defineAction, input } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'build-image',
  description:
    'Builds the one image of a commit, or finds it built: tagged with the full commit id, answered by the digest that the registry serves.',
  branding: { icon: 'package', color: 'blue' },
  inputs: {
    config: input.text({ default: 'tuesday.yaml', description: 'Path of tuesday.yaml.' }),
    commit: input.text({
      default: 'HEAD',
      pattern: /^(HEAD|[0-9a-f]{40})$/,
      form: 'full commit id, or HEAD',
      description: 'What is built: always a commit, never the work tree.',
    }),
    builder: input.oneOf(['auto', 'buildx', 'buildah', 'podman'], {
      default: 'auto',
      description:
        'The program that builds. Their digests differ, so a service stays with one; `auto` takes the first that works and says which.',
    }),
    context: input.text({
      description: 'Folder of the build context in the repository. Default: the folder of tuesday.yaml.',
    }),
    dockerfile: input.text({ default: 'Dockerfile', description: 'Path of the Dockerfile in the context.' }),
    'build-args': input.list({
      description: 'Build arguments, NAME=value. They stay readable in the image: no secrets.',
    }),
    secrets: input.list({
      description:
        'Secrets for `RUN --mount=type=secret,id=ID`, one a line as ID=VARIABLE, from the environment of this step. They are in no layer and in no history.',
    }),
    platforms: input.list({
      description: 'Platforms such as linux/amd64. Default: that of the runner.',
    }),
    layout: input.text({
      description:
        'Folder with an OCI layout of this commit that another tool built (Bazel, ko, Jib): it is pushed as it is, and nothing is built.',
    }),
    'release-tag': input.text({
      description:
        'Git tag of a release of this commit, such as v1.4.2: the image is given the tag 1.4.2 beside the commit. Never `latest`, `1` or `1.4`: those would have to move.',
    }),
    'mount-from': input.list({
      description:
        'Repositories of the same registry that hold layers of this image, such as that of its base: they are linked, not sent.',
    }),
    live: input.text({
      pattern: /^sha256:[0-9a-f]{64}$/,
      form: 'image digest (sha256: and 64 hex digits)',
      description:
        'Digest of the image that is live, in the same repository: growth is counted against it, and the summary tells what changed.',
    }),
    'max-growth': input.integer({
      default: '50',
      min: 0,
      max: 10_000,
      description: 'Percent by which the image may be larger than the one of `live`.',
    }),
    waivers: input.text({
      default: 'image-waivers.yaml',
      description:
        'Reviewed file with what is accepted of an image: `version: 1` and under `waivers` entries with file (the Dockerfile), rule (root-user, secret-in-layer, secret-in-history, size-growth), reason, owner and expires. It may be absent.',
    }),
    'signing-key': input.text({
      default: 'env://COSIGN_PRIVATE_KEY',
      description:
        'Where cosign finds the private half of `image.verify.key`: `env://NAME`, a file, or the address of a key in a KMS. Its password stands in COSIGN_PASSWORD.',
    }),
    timeout: input.duration({ default: '30m', max: '5h', description: 'Longest that the build takes.' }),
  },
  outputs: {
    digest: 'Digest of the image, counted from the bytes that the registry serves.',
    reference: '`repository@digest`, as clusters are told.',
    tag: 'The full commit id.',
    tags: 'All tags of the image that this run set or found, one a line.',
    platforms: 'Platforms of the image, one a line.',
    sizes: 'Compressed bytes of each layer by platform, as JSON.',
    'cache-hits':
      'Steps of the build whose result was there already, such as 5/7; empty when nothing was built.',
    'duration-ms': 'How long this run took, in milliseconds.',
    sbom: 'Files with the lists of what is in the image, SPDX and CycloneDX, one a line; empty when the image was there already.',
  },
})
