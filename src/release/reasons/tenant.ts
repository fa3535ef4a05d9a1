/** Reason codes of tenant: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const tenantReasons = {
  'tenant-separated':
    'Every operation was tested in both directions, and nothing of one tenant came to the other.',
  'tenant-leak': 'One tenant saw or changed what belongs to the other.',
  'tenant-untested': 'An operation was not tested and is not exempt, so nobody knows whether it leaks.',
  'tenant-inconclusive': 'More attacks than the limit allows ended without an answer that means anything.',
  'tenant-invalid':
    'The run proves nothing: tenants, credentials, service or simulator are not as they must be.',
  'tenant-host-refused': 'The address is neither the loopback nor listed, or is named as production.',
  'tenant-config-invalid': 'The file of overrides of the two-tenant run cannot be used.',
  'tenant-hook-failed': 'A hook of the two-tenant run could not be run, or did not print what it has to.',
  'tenant-result-invalid': 'The result of a plugged-in simulator is missing or of another form.',
} as const satisfies Record<string, string>
