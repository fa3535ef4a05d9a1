export type Hit = Readonly<Record<string, unknown>> & {
  readonly file?: string
  readonly line?: number
  readonly rule?: string
}

/** A SARIF log of one run, as most tools write it; `extra` goes into the run. */
export function sarif(
  hits: readonly Hit[],
  extra: Readonly<Record<string, unknown>> = {},
  tool: Readonly<Record<string, unknown>> = {},
) {
  const results = hits.map(({ file, line, rule = 'eval', uri, ...more }) => ({
    ruleId: rule,
    level: 'error',
    message: { text: 'code is run from a string' },
    ...(file === undefined && uri === undefined
      ? {}
      : {
          locations: [
            {
              physicalLocation: {
                artifactLocation: typeof uri === 'object' ? uri : { uri: uri ?? file },
                ...(line === undefined ? {} : { region: { startLine: line } }),
              },
            },
          ],
        }),
    ...more,
  }))
  return { version: '2.1.0', runs: [{ tool: { driver: { name: 'Probe', ...tool } }, results, ...extra }] }
}
