import type { Config } from './config.ts'

/** What is allowed and yet probably not wanted: one sentence each, for the log and the summary. */
export function configWarnings(config: Config): readonly string[] {
  const found: string[] = []
  if (config.canary?.metrics.length === 0) {
    found.push('`canary.metrics` is empty: the canary waits at each weight and nothing is compared.')
  }
  if (config.slos.length === 0) found.push('`slos` is empty: no bake can tell a good hour from a bad one.')
  if (config.approvals.required === 0)
    found.push('`approvals.required` is 0: a release reaches production unseen.')
  if (config.image.verify === undefined) {
    found.push(
      '`image.verify` is not set: an image is pinned without a look at its signature and its provenance; write `off` if that is meant.',
    )
  }
  for (const name of config.train.order) {
    const { window } = config.environments[name] ?? {}
    const ruled = config.calendar?.allow.some(
      ({ regions }) => regions === undefined || regions.includes(name),
    )
    if (window === undefined && ruled !== true)
      found.push(`\`environments.${name}\` is \`any-time\`: it moves at any hour of any day.`)
  }
  return found
}
