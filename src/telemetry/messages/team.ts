import type { Config } from '../../config/index.ts'
import type { GitOpsMarks } from '../../gitops/index.ts'
import type { Ledger } from '../../ledger/index.ts'
import type { Fetch, Logger } from '../../release/index.ts'
import { regionRows } from '../../report/index.ts'
import type { Surroundings } from './open.ts'
import { tell } from './tell.ts'

export interface TeamTelling extends Surroundings {
  readonly config: Config
  /** As this run leaves it. */
  readonly ledger: Ledger
  readonly run: string
  readonly marks: GitOpsMarks
  readonly fetch: Fetch
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** The last thing a run does: all that are named under `notify` of tuesday.yaml are told; who was not is in the log. */
export async function tellTeam(telling: TeamTelling): Promise<void> {
  const { config, ledger, logger } = telling
  const told = await tell({
    ...telling,
    receivers: config.notify ?? [],
    service: config.service,
    events: ledger.events,
    head: ledger.snapshot.head,
    board: {
      repository: config.image.repository,
      regions: regionRows(ledger.state, config).map(
        ({ region, phase, runs }) => `${region}: ${phase}, ${runs}`,
      ),
    },
  })
  for (const { receiver, messages, fault } of told) {
    if (messages > 0) logger.info(`${receiver} was told ${messages} ${messages === 1 ? 'event' : 'events'}.`)
    if (fault !== undefined) logger.warn(`${fault.reason}: ${fault.cause} ${fault.next}`)
  }
}
