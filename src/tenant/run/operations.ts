import type { ApiOperation } from '../api/operations.ts'
import { createAttacks } from '../attacks/creates.ts'
import { interleave } from '../attacks/interleave.ts'
import { listAttacks, ownAnswer } from '../attacks/lists.ts'
import type { Part } from '../attacks/part.ts'
import { readAttacks } from '../attacks/reads.ts'
import { referenceAttacks } from '../attacks/references.ts'
import { writeAttacks } from '../attacks/writes.ts'
import { type Case, type OperationCases, other, type Side, sides } from '../types.ts'
import type { Session } from '../world/session.ts'
import type { World } from '../world/world.ts'
import { type Control, controlOf } from './control.ts'
import { countAttacks } from './counts.ts'
import type { Exemptions } from './exempt.ts'

export interface RunParts {
  readonly session: Session
  readonly world: World
  readonly operations: readonly ApiOperation[]
  readonly exempt: Exemptions
  /** Resources that could not be made, and why. */
  readonly failed: ReadonlyMap<string, string>
}

export interface Ran {
  readonly results: readonly OperationCases[]
  /** Operations that show their own tenant's data. */
  readonly telling: ReadonlySet<string>
  readonly positive: number
  readonly negative: number
}

/** Operations at once; each sends one request after the other, so this bounds the load as well. */
const atOnce = 4

/**
 * First what only reads, while everything is still where it was put; then numbers and interleaving, which need quiet;
 * last what writes.
 */
export async function runAttacks({ session, world, operations, exempt, failed }: RunParts): Promise<Ran> {
  const open = operations.filter(({ id }) => !exempt.valid.has(id))
  const cases = new Map<string, Case[]>(operations.map(({ id }) => [id, []]))
  const add = (id: string, more: readonly Case[]) => void cases.get(id)?.push(...more)
  const part = (operation: ApiOperation, from: Side): Part => ({
    session,
    world,
    operation,
    from,
    to: other(from),
  })

  const controls = new Map<string, Control>()
  await each(open, async (operation) => {
    for (const side of sides)
      controls.set(`${side} ${operation.id}`, await controlOf(session, world, operation, side))
  })
  const control = (operation: ApiOperation, side: Side): Control =>
    controls.get(`${side} ${operation.id}`) ?? { ok: false, why: 'it was never tried' }
  const works = open.filter((operation) => sides.every((side) => control(operation, side).ok))
  const reads = works.filter(({ method }) => method === 'GET')

  await each(reads, async (operation) => {
    for (const side of sides) add(operation.id, await ownAnswer(part(operation, side)))
  })
  const tells = (operation: ApiOperation) => sides.every((side) => tellingOf(control(operation, side)))
  const telling = new Set(works.filter(tells).map(({ id }) => id))
  const silent = new Set(reads.filter((operation) => !tells(operation)).map(({ id }) => id))
  const follows: ReadonlySet<string>[] = []
  for (const side of sides) {
    const counted = await countAttacks(
      reads.map((operation) => part(operation, side)),
      side,
      silent,
    )
    for (const [id, one] of counted.cases) add(id, [one])
    follows.push(counted.follows)
  }
  for (const operation of reads)
    for (const side of sides) add(operation.id, await interleave(part(operation, side)))
  await each(reads, async (operation) => {
    for (const side of sides) add(operation.id, await listAttacks(part(operation, side)))
  })
  await each(works, async (operation) => {
    for (const side of sides) {
      const one = part(operation, side)
      const own = operation.method === 'GET' ? [readAttacks] : [writeAttacks, createAttacks]
      for (const run of [...own, referenceAttacks]) add(operation.id, await run(one))
    }
  })
  await each(
    operations.filter(({ id }) => exempt.valid.has(id)),
    async (operation) => {
      add(operation.id, await exemptCases(session, world, operation, exempt))
    },
  )

  const results = operations.map((operation) => {
    const { id, method, path } = operation
    const own = skipped(session, operation, cases.get(id) ?? [])
    if (exempt.valid.has(id)) return { id, method, path, cases: own }
    const why = untestedWhy(
      operation,
      control,
      tells(operation) || follows.every((all) => all.has(id)),
      failed,
      own,
    )
    return {
      id,
      method,
      path,
      cases:
        why === undefined ? own : [...own.filter((one) => one.verdict === 'leak'), ...untested(session, why)],
    }
  })
  const all = [...controls.values()]
  return {
    results,
    telling,
    positive: all.filter(({ ok }) => ok).length,
    negative: results.flatMap((one) => one.cases).filter(isNegative).length,
  }
}

const tellingOf = (control: Control): boolean => control.ok && control.telling
const isNegative = (one: Case): boolean => one.verdict === 'pass' && (one.evidence.status ?? 200) >= 400

function untestedWhy(
  operation: ApiOperation,
  control: (operation: ApiOperation, side: Side) => Control,
  shows: boolean,
  failed: ReadonlyMap<string, string>,
  cases: readonly Case[],
): string | undefined {
  for (const side of sides) {
    const one = control(operation, side)
    if (one.ok) continue
    const reason = [...failed.entries()].find(([name]) => one.why.includes(name))
    return reason === undefined ? one.why : `${one.why} (${reason[1]})`
  }
  if (!shows)
    return 'its answer shows nothing of its own tenant, so one of another could not be told; classify it, or bind it'
  return cases.length === 0 ? 'no attack fits it' : undefined
}

function untested(session: Session, why: string): readonly Case[] {
  return sides.map((side) => ({
    attack: 'own-answer' as const,
    from: session.identities[side].tenant,
    to: session.identities[other(side)].tenant,
    verdict: 'untested' as const,
    evidence: { why },
  }))
}

/** An exempt operation is still looked at where that costs nothing: what is public must hold no tenant's data. */
async function exemptCases(
  session: Session,
  world: World,
  operation: ApiOperation,
  { valid }: Exemptions,
): Promise<readonly Case[]> {
  const exemption = valid.get(operation.id)
  const why =
    exemption === undefined ? '' : `${exemption.scope} until ${exemption.expires}: ${exemption.reason}`
  const cases: Case[] = []
  for (const from of sides) {
    const looked =
      operation.method === 'GET' && !operation.path.includes('{')
        ? await ownAnswer({ session, world, operation, from, to: other(from) })
        : []
    const leak = looked.find((one) => one.verdict === 'leak')
    cases.push(
      leak ?? {
        attack: 'own-answer',
        from: session.identities[from].tenant,
        to: session.identities[other(from)].tenant,
        verdict: 'exempt',
        evidence: { why },
      },
    )
  }
  return cases
}

/** Attacks that the owner leaves out, with a reason and an end. A leak that was found is found. */
function skipped({ config, clock }: Session, { id }: ApiOperation, cases: readonly Case[]): readonly Case[] {
  const today = clock.now().toISOString().slice(0, 10)
  const skips = (config.operations[id]?.skip ?? []).filter(({ expires }) => expires >= today)
  return cases.map((one) => {
    const skip = skips.find(({ attack }) => attack === one.attack)
    if (skip === undefined || one.verdict === 'leak') return one
    return {
      ...one,
      verdict: 'exempt',
      evidence: { ...one.evidence, why: `left out until ${skip.expires}: ${skip.reason}` },
    }
  })
}

async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const open = [...items]
  const worker = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) await run(next)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
