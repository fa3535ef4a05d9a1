import * as z from 'zod'
import * as field from './fields.ts'

/** `https://github.com/acme/x/.github/workflows/build.yml@refs/heads/main`, as certificates name a workflow. */
const workflow = z
  .string()
  .regex(/^https:\/\/[^\s/@]+\/[^\s/@]+\/[^\s/@]+\/\.github\/workflows\/[^\s/@]+\.ya?ml@refs\/\S+$/, {
    error:
      'has to be `https://github.com/owner/name/.github/workflows/file.yml@refs/heads/branch`, with its branch or tag',
  })

const evidence = z
  .strictObject({
    workflow: workflow.describe(
      'The one workflow that may build this image, with its branch: what the signature or the provenance has to name.',
    ),
    key: field
      .path()
      .optional()
      .describe('Public key in this repository, as `cosign public-key` writes it. This or `trusted-root`.'),
    'trusted-root': field
      .path()
      .optional()
      .describe(
        'Trusted root of Sigstore in this repository, as `cosign trusted-root create` writes it: the workflow signs by its OIDC token.',
      ),
    issuer: field
      .httpUrl()
      .default('https://token.actions.githubusercontent.com')
      .describe('Who vouches for the workflow; counts with `trusted-root`.'),
    source: field
      .httpUrl()
      .optional()
      .describe('Repository that is built. Default: the one that holds the workflow.'),
  })
  .superRefine(({ key, 'trusted-root': root }, context) => {
    if ((key === undefined) === (root === undefined)) {
      context.addIssue({ code: 'custom', message: 'needs either `key` or `trusted-root`' })
    }
  })

export const image = z
  .strictObject({
    repository: field.imageRepository().describe('Repository with its registry, without a tag.'),
    verify: z
      .union([z.literal('off'), evidence], { error: 'has to be `off`, or a mapping with `workflow`' })
      .optional()
      .describe(
        'What an image has to prove before a pin, and build-image has to sign. `off` asks for nothing; without the key nothing is asked for either, and every `propose` says so.',
      ),
  })
  .describe('The one image of the service; every workload runs it by digest.')
