import type { Thresholds } from './thresholds.ts'

/** The job summary of `calibrate`: what was found, and how sure that is. Markdown. */
export function calibrationSummary(
  found: Thresholds,
): readonly { readonly title: string; readonly body: string }[] {
  const { falseAlarms, runs, windows, pods } = found
  const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`
  const rows = Object.entries(found.calibration).map(([metric, { share, tempered }]) => {
    const limit = tempered === undefined ? '-' : tempered.limit.toFixed(2)
    const phi = tempered === undefined ? '-' : tempered.phi.toFixed(2)
    return `| ${metric} | ${share.toFixed(2)} | ${limit} | ${phi} |`
  })
  const body = [
    `${runs} placebo rollouts: ${pods} pods in ${windows} windows from ${found.from} to ${found.to}.`,
    `False alarms, each window judged by the thresholds of the others: ${falseAlarms.count} (${percent(falseAlarms.share)}, at most ${percent(falseAlarms.upper)} with 95 %).`,
    '',
    '| metric | share engine, ln E | tempered engine, ln E | dispersion of the pods |',
    '|---|---|---|---|',
    ...rows,
    '',
    'Defaults are 2.30 and 4.61. The higher, the longer a defect has to last before it ends a canary.',
  ].join('\n')
  return [{ title: `Thresholds of ${found.workload}`, body }]
}
