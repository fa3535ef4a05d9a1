import { readLedger } from '../../src/ledger/index.ts'
import { unwrap } from '../../src/release/index.ts'
import { demoReportHtml } from '../../src/report/index.ts'
import type { StandInSite } from '../../testkit/site/index.ts'
import type { Told } from './scenarios.ts'

/** The page that a demo leaves. */
export async function demoReport(
  { repo, config }: StandInSite,
  scenarios: readonly Told[],
  missing: string | undefined,
): Promise<string> {
  const { state, events } = unwrap(await readLedger(repo, config.service, [], AbortSignal.timeout(30_000)))
  return demoReportHtml({
    title: 'Two releases of delivery-service over four regions',
    notes: [
      'Carried by the shipped bundles of the actions against small stand-ins of GitHub, Kubernetes with Argo Rollouts and Argo CD, Prometheus and a registry on one machine. The image is an OCI layout assembled from the sources of the example: no builder made it, and it is never started. Requests come from a load generator that follows the weights of the router.',
      missing === undefined
        ? 'Migrations ran on a real PostgreSQL 16, one database for each environment.'
        : `Migrations were skipped: ${missing}.`,
      'The clock of the ledger was set ahead over windows, days and bakes, and each line of it says so; the seconds of the canaries are real.',
    ],
    config,
    state,
    events,
    evidence: scenarios.flatMap(({ evidence }) => evidence),
  })
}
