import { isObject } from '../../contract/index.ts'
import { type Clock, type Exec, err, type Fault, ok, type Result } from '../../release/index.ts'
import type { TenantConfig } from '../config/schema.ts'
import type { CleanupHook, Left } from '../run/cleanup.ts'
import { type Side, sides } from '../types.ts'
import type { Login } from '../world/session.ts'
import type { Thing } from '../world/things.ts'

export interface HookContext {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Folder that commands run in. */
  readonly folder: string
  /** Hides what a hook prints as a secret. */
  readonly mask: (secret: string) => void
}

export const hookTimeoutMs = 60_000

async function run(
  context: HookContext,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin?: string,
): Promise<Result<string>> {
  const [program = '', ...args] = command
  try {
    const { code, stdout, stderr } = await context.exec(program, args, {
      cwd: context.folder,
      env: { ...context.env, ...env },
      timeoutMs: hookTimeoutMs,
      signal: context.signal,
      ...(stdin === undefined ? {} : { stdin }),
    })
    if (code === 0) return ok(stdout)
    return err(failed(program, `it exited with ${code}: ${stderr.trim().slice(-300)}`))
  } catch (error) {
    context.signal.throwIfAborted()
    return err(failed(program, error instanceof Error ? error.message : String(error)))
  }
}

function failed(program: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'tenant-hook-failed',
    cause: `The hook ${program} did not work: ${why}.`,
    likely: 'The program is not in the checkout, or does not print what docs/tenant-gate.md asks for.',
    next: 'Run the command by hand in the checkout with TENANT_SIM_SIDE=a.',
  }
}

/** Headers as JSON, lines of `Name: value`, or a bare token for `Authorization: Bearer`. */
export function headersFrom(text: string): Readonly<Record<string, string>> | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (trimmed.startsWith('{')) {
    try {
      const value: unknown = JSON.parse(trimmed)
      if (!isObject(value) || !Object.values(value).every((one) => typeof one === 'string')) return undefined
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toLowerCase(), String(one)]))
    } catch {
      return undefined
    }
  }
  const lines = trimmed.split(/\r?\n/)
  const pairs = lines.map((line) => /^([A-Za-z0-9-]+):\s*(.+)$/.exec(line))
  if (pairs.every((pair) => pair !== null))
    return Object.fromEntries(pairs.map((pair) => [pair?.[1]?.toLowerCase() ?? '', pair?.[2]?.trim() ?? '']))
  return lines.length === 1 && /^\S+$/.test(trimmed) ? { authorization: `Bearer ${trimmed}` } : undefined
}

export async function logIn(
  context: HookContext,
  command: readonly string[],
  side: Side,
  tenant: string,
  base: string,
): Promise<Result<Readonly<Record<string, string>>>> {
  const said = await run(context, command, {
    TENANT_SIM_SIDE: side,
    TENANT_SIM_TENANT: tenant,
    TENANT_SIM_BASE_URL: base,
  })
  if (!said.ok) return said
  const headers = headersFrom(said.value)
  if (headers === undefined)
    return err(failed(command[0] ?? '', 'it printed neither headers as JSON nor a token'))
  for (const value of Object.values(headers)) context.mask(value.replace(/^(Bearer|Basic) /i, ''))
  return ok(headers)
}

/** Asked again once when credentials run out in the middle. */
export function loginHook(context: HookContext, config: TenantConfig, base: string): Login | undefined {
  const command = config.hooks.login
  if (command === undefined) return undefined
  return async (side) => {
    const headers = await logIn(context, command, side, config.tenants[side].id, base)
    return headers.ok ? headers.value : undefined
  }
}

/** `{"a": {"projects": [{"id": 1, "name": …}]}, "b": …}`: objects that the API itself cannot make. */
export async function seedHook(
  context: HookContext,
  command: readonly string[],
  base: string,
  run_: string,
): Promise<Result<readonly Thing[]>> {
  const said = await run(context, command, {
    TENANT_SIM_BASE_URL: base,
    TENANT_SIM_RUN_ID: run_,
    TENANT_SIM_MARKER_A: `zz${run_}a`,
    TENANT_SIM_MARKER_B: `zz${run_}b`,
  })
  if (!said.ok) return said
  const wrong = (why: string) => err(failed(command[0] ?? '', why))
  let value: unknown
  try {
    value = JSON.parse(said.value)
  } catch {
    return wrong('it printed no JSON')
  }
  if (!isObject(value)) return wrong('it printed no object with `a` and `b`')
  const things: Thing[] = []
  for (const side of sides) {
    const own = value[side]
    if (!isObject(own)) return wrong(`it printed nothing for \`${side}\``)
    for (const [resource, list] of Object.entries(own)) {
      for (const one of Array.isArray(list) ? list : []) {
        const id = isObject(one) ? one.id : one
        if (typeof id !== 'string' && typeof id !== 'number')
          return wrong(`an object of ${resource} has no id`)
        things.push({
          resource,
          side,
          id,
          answer: isObject(one) ? one : { id },
          request: undefined,
          parents: new Map(),
        })
      }
    }
  }
  return ok(things)
}

export function cleanupHook(
  context: HookContext,
  config: TenantConfig,
  base: string,
): CleanupHook | undefined {
  const command = config.hooks.cleanup
  if (command === undefined) return undefined
  return async (things: readonly Left[]) => {
    const said = await run(context, command, { TENANT_SIM_BASE_URL: base }, JSON.stringify(things))
    return said.ok ? undefined : said.fault.cause
  }
}
