import type { EvidencePoint, RegionEvidence } from '../../src/report/index.ts'
import type { BundleRun } from '../../testkit/runner/index.ts'

/** The part of canary-gate's record that the page draws. */
interface Counts {
  readonly nc: number
  readonly ec: number
  readonly ns: number
  readonly es: number
}
interface GateResult {
  readonly message: string
  readonly data?: {
    readonly start?: string
    readonly limit?: number
    readonly timeline?: readonly {
      readonly seconds: number
      readonly weight: number
      readonly lnE?: number | null
      readonly metrics: Readonly<Record<string, Counts>>
    }[]
  }
}

/** What the gate had counted at each block, for the first of its metrics. */
export function evidenceOf(
  region: string,
  release: string,
  { result, outputs }: Pick<BundleRun, 'result' | 'outputs'>,
): RegionEvidence {
  const { message, data } = result as GateResult
  const start = Date.parse(data?.start ?? '')
  const points = (data?.timeline ?? []).flatMap(
    ({ seconds, weight, metrics, lnE }): readonly EvidencePoint[] => {
      const [counts] = Object.values(metrics)
      if (counts === undefined || Number.isNaN(start)) return []
      const { nc, ec, ns, es } = counts
      const at = new Date(start + seconds * 1000).toISOString()
      const arms = { canary: { requests: nc, bad: ec }, stable: { requests: ns, bad: es } }
      return [{ at, weight, ...arms, ...(lnE === undefined ? {} : { lnE }) }]
    },
  )
  const limit = data?.limit === undefined ? {} : { limit: data.limit }
  return { region, release, points, ending: message, good: outputs.verdict === 'pass', ...limit }
}
