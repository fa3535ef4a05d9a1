import type { Outcome } from '../../src/action/index.ts'
import type { Config } from '../../src/config/index.ts'
import { type Ledger, type LedgerState, regionOf, releaseOf } from '../../src/ledger/index.ts'
import type { RegionFacts } from '../../src/release/index.ts'
import { timelineMarkdown } from '../../src/report/index.ts'
import type { Committed, Decision, people, Staged } from '../../src/train/index.ts'
import type { action } from './action.ts'

export type ActionOutcome = Outcome<keyof (typeof action)['outputs'] & string>

/** A person's wish, written down or found to be so already. */
export function wishOutcome(
  config: Config,
  { decided, ledger, commit }: Committed<people.Wish>,
): ActionOutcome {
  const { state } = ledger
  const train = state.queue ?? state.train
  const reason = commit === undefined ? 'nothing-to-do' : 'recorded'
  return {
    verdict: 'pass',
    reason,
    message: decided.why,
    data: {
      version: 1,
      ledger: state.head.seq,
      ...(train && { release: train.release, plan: train.planHash }),
    },
    outputs: {
      ...(train && { release: train.release, plan: train.planHash, ...releaseOutputs(state, train.release) }),
      ...(commit && { commit }),
    },
    summary: [summary(config, state, { why: decided.why })],
  }
}

/** `stage`: pinned, and proven or still waiting. */
export function stagedOutcome(config: Config, { decided, ledger, commit }: Committed<Staged>): ActionOutcome {
  const { proof, id, why } = decided
  const outputs = { release: id, ...releaseOutputs(ledger.state, id), ...(commit && { commit }) }
  const data = { version: 1, ledger: ledger.state.head.seq, release: id }
  const common = { message: why, data, outputs, summary: [summary(config, ledger.state, { why })] }
  if (proof.verdict === 'pass' || proof.verdict === 'off') {
    return { verdict: 'pass', reason: commit === undefined ? 'nothing-to-do' : 'done', ...common }
  }
  const next = 'Look at the Application and the pods of staging; run `stage` again to go on waiting.'
  return { verdict: proof.verdict, reason: proof.reason, next, ...common }
}

/** `next` and `record`: the answer, the step, and the checklist behind it. */
export function decisionOutcome(
  config: Config,
  { decided, ledger, commit }: Committed<Decision>,
): ActionOutcome {
  const { verdict, reason, why, until, step, gates } = decided
  const release = step.kind === 'none' ? undefined : regionOf(ledger.state, step.region)?.release
  const named = release ?? ledger.state.train?.release
  const where = step.kind === 'none' ? {} : { region: step.region, transition: step.transition }
  return {
    verdict,
    reason,
    message: why,
    ...(until && { until }),
    data: {
      version: 1,
      ledger: ledger.state.head.seq,
      step: step.kind,
      ...where,
      ...(named !== undefined && { release: named }),
      gates: gates.map(({ name, region, result }) => ({
        name,
        region,
        verdict: result.verdict,
        why: result.why,
      })),
    },
    outputs: {
      step: step.kind,
      ...where,
      ...(named !== undefined && { release: named, ...releaseOutputs(ledger.state, named) }),
      ...(until && { until: until.toISOString() }),
      ...(commit && { commit }),
    },
    summary: [summary(config, ledger.state, { why, ...(until && { until }) }), ...checklist(config, decided)],
  }
}

/** `status`: reads only, so it passes whatever it finds; what it found is in the text and the data. */
export function statusOutcome(config: Config, ledger: Ledger, decision: Decision): ActionOutcome {
  const outcome = decisionOutcome(config, { decided: { ...decision, step: { kind: 'none' } }, ledger })
  return { ...outcome, verdict: 'pass', reason: 'done', message: `${decision.reason}: ${decision.why}` }
}

/** `observe`: facts for `next`. What could not be read is `unknown`, and the rest is handed over all the same. */
export function observed(facts: RegionFacts): ActionOutcome {
  const good = facts.unreadable.length === 0
  return {
    verdict: good ? 'pass' : 'unknown',
    reason: good ? 'done' : 'facts-missing',
    message: good
      ? `${facts.region} was read at ${facts.asOf}`
      : `${facts.region}: ${facts.unreadable.join('; ')}`,
    ...(!good && {
      blame: 'world' as const,
      next: 'Check the kubeconfig context and the Prometheus address of this region.',
    }),
    data: { version: 1, facts: asJson(facts) },
    outputs: { region: facts.region, facts: asJson(facts) },
  }
}

function releaseOutputs(state: LedgerState, id: string) {
  const release = releaseOf(state, id)
  return release === undefined ? {} : { digest: release.digest, 'config-sha': release.configSha }
}

function summary(config: Config, state: LedgerState, answer: { why: string; until?: Date }) {
  return { title: `Train of ${config.service}`, body: timelineMarkdown(state, config, answer) }
}

/** The table fills itself from the gates; the dashboards of the region stand below it. */
function checklist(config: Config, { gates }: Decision) {
  if (gates.length === 0) return []
  const rows = gates.map(
    ({ name, region, result }) => `| ${name} | ${region} | ${result.verdict} | ${cell(result.why)} |`,
  )
  return [
    {
      title: 'Checklist',
      body: [
        '| gate | region | answer | why |',
        '|---|---|---|---|',
        ...rows,
        ...dashboards(config, gates),
      ].join('\n'),
    },
  ]
}

function dashboards(config: Config, gates: Decision['gates']): readonly string[] {
  const [region] = gates.map((g) => g.region)
  const links = config.environments[region ?? '']?.dashboards ?? []
  return links.length === 0
    ? []
    : ['', `Dashboards of ${region}: ${links.map((url) => `<${url}>`).join(' ')}`]
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|#@~]/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** Facts are plain data; an interface has no index signature, so the type system does not see that. */
function asJson(facts: RegionFacts) {
  return JSON.parse(JSON.stringify(facts))
}
