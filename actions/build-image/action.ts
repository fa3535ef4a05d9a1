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
    platforms: input.list({
      description: 'Platforms such as linux/amd64. Default: that of the runner.',
    }),
    layout: input.text({
      description:
        'Folder with an OCI layout of this commit that another tool built (Bazel, ko, Jib): it is pushed as it is, and nothing is built.',
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
    sbom: 'Files with the lists of what is in the image, SPDX and CycloneDX, one a line; empty when the image was there already.',
  },
})
