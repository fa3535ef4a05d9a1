import type { Finding, FindingLocation, FindingRun, Severity } from '../types.ts'

/** A JSON object of SARIF 2.1.0. */
export type SarifObject = { readonly [key: string]: SarifValue }
export type SarifValue = string | number | boolean | null | readonly SarifValue[] | SarifObject | undefined

export interface SarifLog extends SarifObject {
  readonly version: '2.1.0'
  readonly runs: readonly SarifObject[]
}

const schema = 'https://json.schemastore.org/sarif-2.1.0.json'

/**
 * The findings as one SARIF log, a run per tool and category, ready for code scanning and for sast-gate. A run without
 * findings is a run that found nothing: it has to be there, for a tool without a run counts as one that did not run.
 */
export function toSarif(runs: readonly FindingRun[]): SarifLog {
  return { $schema: schema, version: '2.1.0', runs: runs.map(runObject) }
}

/** Levels of SARIF: what viewers without `security-severity` go by (3.27.10). */
const levels: Readonly<Record<Severity, string>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  none: 'none',
}

/** In the middle of the ranges that GitHub reads: 9.0, 7.0, 4.0 and 0.1 are their lower ends. */
const scores: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  none: '0.0',
}

function runObject(run: FindingRun): SarifObject {
  const rules = [...new Set(run.findings.map(({ rule }) => rule))]
  const index = new Map(rules.map((rule, at) => [rule, at]))
  const byRule = Map.groupBy(run.findings, ({ rule }) => rule)
  return {
    tool: {
      driver: {
        name: run.tool,
        ...(run.toolVersion === undefined ? {} : { semanticVersion: run.toolVersion }),
        ...(run.informationUri === undefined ? {} : { informationUri: run.informationUri }),
        rules: rules.map((rule) => ruleObject(rule, byRule.get(rule) ?? [])),
      },
    },
    invocations: [{ executionSuccessful: run.complete !== false }],
    // GitHub takes the part before the last slash for the category.
    ...(run.category === undefined ? {} : { automationDetails: { id: `${run.category}/` } }),
    ...(run.commit === undefined ? {} : { versionControlProvenance: [{ revisionId: run.commit }] }),
    columnKind: 'utf16CodeUnits',
    results: run.findings.map((finding) => resultObject(finding, index.get(finding.rule) ?? 0)),
  }
}

function ruleObject(id: string, findings: readonly Finding[]): SarifObject {
  const about = findings.find((finding) => finding.about !== undefined)?.about
  const cwes = [...new Set(findings.flatMap((finding) => finding.cwes ?? []))]
  return {
    id,
    ...(about?.title === undefined ? {} : { shortDescription: { text: about.title } }),
    ...(about?.help === undefined ? {} : { help: { text: about.help } }),
    ...(about?.helpUri === undefined ? {} : { helpUri: about.helpUri }),
    ...(cwes.length === 0 ? {} : { properties: { tags: ['security', ...cwes.map(cweTag)] } }),
  }
}

/** As CodeQL writes it: code scanning reads this spelling. */
function cweTag(cwe: string): string {
  return `external/cwe/cwe-${cwe.replace(/^CWE-/i, '').padStart(3, '0')}`
}

function resultObject(finding: Finding, ruleIndex: number): SarifObject {
  const { location } = finding
  return {
    ruleId: finding.rule,
    ruleIndex,
    kind: 'fail',
    level: levels[finding.severity],
    message: { text: finding.message },
    ...(location === undefined ? {} : { locations: [locationObject(location)] }),
    ...(finding.fingerprints === undefined ? {} : { partialFingerprints: { ...finding.fingerprints } }),
    properties: {
      'security-severity': scores[finding.severity],
      ...(finding.cwes === undefined ? {} : { cwe: [...finding.cwes] }),
      ...(finding.package === undefined ? {} : { purl: finding.package.purl }),
    },
  }
}

function locationObject(location: FindingLocation): SarifObject {
  const { file, line, endLine, column, endColumn } = location
  return {
    physicalLocation: {
      artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
      ...(line === undefined
        ? {}
        : {
            region: {
              startLine: line,
              ...(column === undefined ? {} : { startColumn: column }),
              ...(endLine === undefined ? {} : { endLine }),
              ...(endColumn === undefined ? {} : { endColumn }),
            },
          }),
    },
  }
}
