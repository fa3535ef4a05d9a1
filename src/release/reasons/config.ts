/** Reason codes of config: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const configReasons = {
  'config-missing': 'There is no tuesday.yaml at the path that was given.',
  'config-unreadable': 'tuesday.yaml is not one YAML 1.2 document of a sensible size.',
  'config-invalid':
    'tuesday.yaml says something that the suite does not know or cannot do; nothing was touched.',
  'environment-unknown': 'The environment that was asked for does not stand in tuesday.yaml.',
} as const satisfies Record<string, string>
