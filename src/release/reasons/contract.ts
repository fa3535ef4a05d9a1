/** Reason codes of contract: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const contractReasons = {
  'contract-compatible': 'No edit of the contract breaks what is deployed.',
  'contract-breaking': 'An edit of the contract breaks clients of what is deployed.',
  'contract-missing': 'A contract document, or a file that it refers to, does not exist.',
  'contract-unreadable': 'A contract document is not one JSON or YAML document in UTF-8.',
  'contract-too-large': 'A contract document is larger, deeper or more entangled than any real one.',
  'contract-not-openapi': 'The document is not an OpenAPI description.',
  'contract-version-unsupported': 'The document is of a version of its format that is not compared here.',
  'contract-reference-missing': 'A $ref leads to nothing.',
  'contract-reference-outside': 'A $ref leaves the folder that the contract may be read from.',
  'contract-reference-remote': 'A $ref leads to another server, and nothing is fetched from the network.',
  'contract-reference-cycle': 'A $ref leads back to itself without a schema between.',
} as const satisfies Record<string, string>
