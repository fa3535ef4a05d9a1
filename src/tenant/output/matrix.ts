import type { TenantResult } from '../gate/result.ts'
import type { GateVerdict } from '../gate/verdict.ts'
import type { CaseVerdict } from '../types.ts'

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const signs: Readonly<Record<CaseVerdict, string>> = {
  pass: 'ok',
  leak: 'LEAK',
  inconclusive: '?',
  untested: 'untested',
  exempt: 'exempt',
}
const order: readonly CaseVerdict[] = ['leak', 'untested', 'inconclusive', 'pass', 'exempt']
const mostRows = 300

/** What the summary and the report show: leaks with their evidence, the matrix of operations and attacks, the warnings. */
export function tablesOf(result: TenantResult, verdict: GateVerdict): readonly Table[] {
  const all = result.operations.flatMap(({ id, cases }) => cases.map((one) => ({ id, ...one })))
  const row = ({ id, attack, from, to, evidence }: (typeof all)[number]) => [
    id,
    attack,
    `${from} -> ${to}`,
    evidence?.why ?? '',
    evidence?.curl ?? '',
  ]
  const head = ['operation', 'attack', 'credentials -> data', 'what was seen', 'replay']
  const of = (wanted: CaseVerdict) =>
    all
      .filter((one) => one.verdict === wanted)
      .slice(0, mostRows)
      .map(row)
  return [
    { title: 'Leaks', head, rows: of('leak') },
    {
      title: 'Not tested',
      head: ['operation', 'request', 'why'],
      rows: verdict.operations
        .filter(({ state }) => state === 'untested')
        .map(({ id, method, path, why }) => [id, `${method} ${path}`, why ?? 'no case of it']),
    },
    { title: 'Inconclusive', head, rows: of('inconclusive') },
    {
      title: 'No leak, and worth a look',
      head: ['operation', 'attack', 'what'],
      rows: all
        .filter(({ evidence }) => evidence?.warning !== undefined)
        .map(({ id, attack, evidence }) => [id, attack, evidence?.warning ?? '']),
    },
    matrix(result, verdict),
  ].filter(({ rows }) => rows.length > 0)
}

function matrix(result: TenantResult, verdict: GateVerdict): Table {
  const attacks = [...new Set(result.operations.flatMap(({ cases }) => cases.map(({ attack }) => attack)))]
  const byId = new Map(result.operations.map((one) => [one.id, one.cases]))
  return {
    title: 'Operations and attacks',
    head: ['operation', 'request', 'verdict', ...attacks],
    rows: verdict.operations.map(({ id, method, path, state }) => [
      id,
      `${method} ${path}`,
      signs[state],
      ...attacks.map((attack) => {
        const own = (byId.get(id) ?? []).filter((one) => one.attack === attack).map((one) => one.verdict)
        const worst = order.find((one) => own.includes(one))
        return worst === undefined ? '' : signs[worst]
      }),
    ]),
  }
}
