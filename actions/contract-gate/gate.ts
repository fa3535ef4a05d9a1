import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Annotation,
  type Context,
  faultOutcome,
  markdownTable,
  type Outcome,
} from '../../src/action/index.ts'
import {
  answerOf,
  type CheckResult,
  checkContracts,
  type Deployed,
  type Judged,
  messageOf,
  noBase,
  recordOf,
  sarifOf,
  tablesOf,
  withPact,
} from '../../src/contract/index.ts'
import type { action } from './action.ts'
import { baseOf } from './base.ts'
import { contractsOf } from './contracts.ts'
import { readDeployed } from './deployed.ts'
import { askPact } from './pact.ts'

export type GateContext = Context<typeof action>
type GateOutcome = Outcome<keyof (typeof action)['outputs'] & string>

const endings = {
  compatible: { verdict: 'pass', reason: 'contract-compatible' },
  new: { verdict: 'pass', reason: 'contract-new' },
  'new-not-allowed': { verdict: 'fail', reason: 'contract-new-not-allowed', blame: 'user' },
  breaking: { verdict: 'fail', reason: 'contract-breaking', blame: 'user' },
  incomplete: { verdict: 'unknown', reason: 'contract-incomplete', blame: 'user' },
  'pact-refused': { verdict: 'fail', reason: 'contract-pact-refused', blame: 'user' },
  'pact-unknown': { verdict: 'unknown', reason: 'contract-pact-unknown', blame: 'world' },
} as const

/** Reads what is asked for, makes the one call, and says the answer in every form. */
export async function contractGate(context: GateContext): Promise<GateOutcome> {
  const { inputs, runner, env, clock, exec, logger, signal } = context
  const contracts = await contractsOf(context)
  if (!contracts.ok) return faultOutcome(contracts.fault)
  const git = { exec, env, signal, folder: runner.workspace }
  const payload = runner.eventPath === undefined ? undefined : await readEvent(runner.eventPath)
  const base =
    inputs.against === 'deployed' && inputs.base === undefined
      ? { ok: true as const, value: undefined }
      : await baseOf(git, runner.event, payload, inputs.base)
  if (!base.ok) return faultOutcome(base.fault)
  if (base.value === undefined && inputs.against !== 'deployed') return faultOutcome(noBase(runner.event))
  let deployed: Deployed | undefined
  if (inputs.against !== 'base') {
    const read = await readDeployed(context)
    if (!read.ok) return faultOutcome(read.fault)
    deployed = read.value
  }
  const checked = await checkContracts(git, {
    contracts: contracts.value,
    ...(base.value === undefined ? {} : { base: base.value }),
    ...(deployed === undefined ? {} : { deployed }),
    allowNew: inputs['allow-new'],
    policyFile: inputs.policy,
    policyFromHead: inputs['policy-from'] === 'head',
    today: clock.now(),
    temp: runner.temp,
  })
  if (!checked.ok) return faultOutcome(checked.fault)
  for (const note of checked.value.notes) logger.notice(note)
  const pact = await askPact(context)
  if (!pact.ok) return faultOutcome(pact.fault)
  const result = pact.value === undefined ? checked.value : withPact(checked.value, pact.value)
  return outcomeOf(result, await writeSarif(result, runner.temp))
}

function outcomeOf(result: CheckResult, sarif: string): GateOutcome {
  const unsafe = result.standings.filter(({ rollbackUnsafe }) => rollbackUnsafe.length > 0)
  return {
    ...endings[result.state],
    ...answerOf(result),
    data: recordOf(result),
    outputs: {
      state: result.state,
      breaking: result.judged.filter(({ state }) => state === 'blocking').length,
      'rollback-unsafe': [...new Set(unsafe.map(({ baseline }) => baseline.name))],
      sarif,
    },
    annotations: annotationsOf(result.judged),
    summary: tablesOf(result).map(({ title, head, rows, more }) => ({
      title,
      body: `${markdownTable(head, rows)}${more === 0 ? '' : `\n\n${more} more are in the SARIF.`}`,
    })),
  }
}

/** Blocking first: the runner shows ten of a level. */
function annotationsOf(judged: readonly Judged[]): readonly Annotation[] {
  return judged
    .filter(
      ({ finding, state }) => state === 'blocking' || (state === 'reported' && finding.level !== 'info'),
    )
    .slice(0, 200)
    .map(({ finding, state, against }): Annotation => {
      const place = finding.revision ?? finding.base
      return {
        level: state === 'blocking' ? 'error' : 'warning',
        title: `${finding.id}, against ${against.join(', ')}`,
        message: `${messageOf(finding)} Fingerprint ${finding.fingerprint}.`,
        ...(place === undefined ? {} : { file: place.file }),
        ...(place?.line === undefined ? {} : { line: place.line }),
      }
    })
}

async function writeSarif(result: CheckResult, temp: string): Promise<string> {
  const file = join(await mkdtemp(join(temp, 'contract-gate-')), 'contract-gate.sarif')
  await writeFile(file, sarifOf(result))
  return file
}

async function readEvent(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    // Without it there is no base, and a run that needs one is refused for that.
    return undefined
  }
}
