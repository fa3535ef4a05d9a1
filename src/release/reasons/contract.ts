/** Reason codes of contract: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const contractReasons = {
  'contract-compatible': 'No edit of the contract breaks what is deployed.',
  'contract-breaking': 'An edit of the contract breaks clients of what is deployed.',
  'contract-new': 'A contract is published for the first time, which this run allows.',
  'contract-new-not-allowed':
    'A contract has nothing to be compared with, and the run does not allow a first one.',
  'contract-incomplete':
    'What is deployed somewhere is not known or cannot be read, so nothing is known of the contract there.',
  'contract-policy-invalid':
    'The policy of contracts cannot be read, or holds a key that would be without effect.',
  'contract-base-missing': 'There is no commit to compare the contract with in the checkout.',
  'contract-swapped': 'Base and head of the comparison are the wrong way round.',
  'contract-pact-refused': 'A Pact Broker says that this version may not go to an environment.',
  'contract-pact-unknown': 'A Pact Broker could not be asked, or has no verification of this version.',
  'contract-tool-missing': 'A program that the comparison needs is not there or gave no answer.',
  'contract-nothing-to-compare': 'Neither the inputs nor tuesday.yaml name a contract.',
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
