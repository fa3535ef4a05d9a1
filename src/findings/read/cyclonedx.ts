import { defined, type JsonMap, mapOf, mapsOf, sentence, textOf } from '../json/access.ts'
import { unreadableFlaw } from './report-flaws.ts'
import { severityOfScore, severityOfWord, unscored } from './severity.ts'
import type { ReadFinding, ReadRun, ReportSpec } from './types.ts'

/** States of CycloneDX `analysis.state` that say: nothing to do. */
const settled = ['resolved', 'resolved_with_pedigree', 'false_positive', 'not_affected']

/** Vulnerabilities of a CycloneDX document (1.4 and later), a VEX among them. What it settles counts as suppressed. */
export function readCycloneDx(value: unknown, spec: ReportSpec): ReadRun {
  const document = mapOf(value)
  if (document?.bomFormat !== 'CycloneDX' || !Array.isArray(document.vulnerabilities)) {
    const why = 'it is no CycloneDX document with a list `vulnerabilities`'
    return { tool: spec.tool, findings: [], flaws: [unreadableFlaw(spec, why)] }
  }
  const components = new Map(
    mapsOf(document.components).flatMap((one) => {
      const ref = textOf(one['bom-ref'])
      return ref === undefined ? [] : [[ref, one] as const]
    }),
  )
  const findings = mapsOf(document.vulnerabilities).flatMap((one) => {
    const refs = mapsOf(one.affects).map((affected) => textOf(affected.ref) ?? 'unknown')
    return (refs.length === 0 ? ['unknown'] : refs).map((ref) => finding(one, ref, components.get(ref)))
  })
  return { tool: spec.tool, findings, flaws: [] }
}

function finding(one: JsonMap, ref: string, component: JsonMap | undefined): ReadFinding {
  const rule = textOf(one.id) ?? 'unknown'
  const whole =
    textOf(component?.purl) ?? (/pkg:[^#]+/.exec(ref)?.[0] || `pkg:generic/${encodeURIComponent(ref)}`)
  const purl = whole.replace(/[?#].*$/, '').replace(/(?<=.)@[^/]*$/, '')
  const name = textOf(component?.name) ?? purl.split('/').at(-1) ?? ref
  const version = textOf(component?.version)
  const analysis = mapOf(one.analysis)
  const state = textOf(analysis?.state)
  const title = textOf(one.description) ?? textOf(one.detail) ?? rule
  const cwes = Array.isArray(one.cwes) ? one.cwes.filter(Number.isSafeInteger).map((id) => `CWE-${id}`) : []
  return defined({
    rule,
    severity: worst(one),
    message: sentence(`${name} ${version ?? ''}: ${title}${state === undefined ? '' : ` (${state})`}`),
    cwes: cwes.length === 0 ? undefined : cwes,
    fingerprints: { 'packageAdvisory/v1': `${purl}|${rule}` },
    suppressed: state !== undefined && settled.includes(state) ? ('tool' as const) : undefined,
    about: { title: sentence(title, 200) },
    package: defined({ purl, name, version }),
  })
}

/** Several bodies rate one vulnerability: the gravest rating counts. */
function worst(one: JsonMap) {
  const found = mapsOf(one.ratings).flatMap((rating) => {
    const scored = typeof rating.score === 'number' ? severityOfScore(rating.score) : undefined
    return severityOfWord(rating.severity) ?? scored ?? []
  })
  const order = ['critical', 'high', 'medium', 'low', 'none'] as const
  return order.find((severity) => found.includes(severity)) ?? unscored
}
