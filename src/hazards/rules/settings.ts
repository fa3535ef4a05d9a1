/** SET, RESET and set_config: which bounds on waiting hold at a statement of the file. */
import { as, literal, type Of, text } from '../ast.ts'
import type { At } from './context.ts'

export interface Bounds {
  readonly lock: 'unset' | 'set' | 'lifted'
  /** Milliseconds, as set. */
  readonly lockWait?: number | undefined
  readonly statement?: number | undefined
}

/**
 * SET holds for the session, unless its transaction is rolled back; SET LOCAL ends with the transaction (PostgreSQL
 * documentation, SET). Without BEGIN in the file whoever runs it may have opened one, so LOCAL counts there too.
 */
export interface Timeouts {
  readonly now: Bounds
  set(change: Partial<Bounds>, local: boolean): void
  begin(): void
  end(committed: boolean): void
}

export function newTimeouts(): Timeouts {
  let now: Bounds = { lock: 'unset' }
  let session = now
  let before = now
  return {
    get now() {
      return now
    },
    set(change, local) {
      now = { ...now, ...change }
      if (!local) session = { ...session, ...change }
    },
    begin() {
      before = session
    },
    end(committed) {
      if (!committed) session = before
      now = session
    },
  }
}

export function followSet(at: At, set: Of<'VariableSetStmt'>): void {
  setting(at, set.name ?? '', set.kind ?? '', literal(set.args?.[0]), set.is_local === true)
}

/** `SELECT set_config('lock_timeout', '0', false)` is SET by another name. */
export function followSettingCalls(at: At): void {
  for (const target of as(at.node, 'SelectStmt')?.targetList ?? []) {
    const call = as(as(target, 'ResTarget')?.val, 'FuncCall')
    if (text(call?.funcname?.at(-1)) !== 'set_config') continue
    const [name = '', value, local] = (call?.args ?? []).map((argument) => literal(argument))
    setting(at, name, 'VAR_SET_VALUE', value, local === 'true')
  }
}

function setting(at: At, name: string, kind: string, value: string | undefined, local: boolean): void {
  const { progress, report } = at
  const lifted =
    kind === 'VAR_RESET' ||
    kind === 'VAR_SET_DEFAULT' ||
    kind === 'VAR_RESET_ALL' ||
    milliseconds(value) === 0
  if (name === 'lock_timeout' || kind === 'VAR_RESET_ALL') {
    const lockWait = lifted ? undefined : milliseconds(value)
    progress.timeouts.set({ lock: lifted ? 'lifted' : 'set', lockWait }, local)
    if (lifted) report('lock-timeout-overridden', 'lock_timeout is lifted', 'Leave it to the runner.')
    else if ((lockWait ?? 0) > 5_000)
      report(
        'lock-timeout-overridden',
        `lock_timeout ${value}: every query queues that long`,
        "SET LOCAL lock_timeout = '300ms';",
      )
  }
  if (name === 'statement_timeout' || kind === 'VAR_RESET_ALL')
    progress.timeouts.set({ statement: lifted ? undefined : milliseconds(value) }, local)
}

const units: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** The server's spelling of a time; a bare number is milliseconds. */
export function milliseconds(value: string | undefined): number | undefined {
  const [, count, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value ?? '') ?? []
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 1)
}
