import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderReader } from '../../contract/index.ts'
import { err, type Result } from '../../release/index.ts'
import { readResult, type TenantResult } from '../gate/result.ts'
import type { HookContext } from './hooks.ts'
import { fromJUnit } from './junit.ts'

/** A simulator of the owner's: a command that is run here, or what an earlier job left. */
export type ForeignRequest =
  | {
      readonly kind: 'command'
      readonly command: readonly string[]
      readonly format: 'json' | 'junit'
      readonly timeoutMs: number
    }
  | { readonly kind: 'artifact'; readonly file: string; readonly format: 'json' | 'junit' }

export interface About {
  readonly commit: string
  readonly runId: string
  readonly startedAt: string
  readonly tenants: readonly [string, string]
  readonly openapi: string
  readonly base?: string
}

/** Runs it, or reads what it left. Its exit code says nothing: only what it wrote counts. */
export async function foreignResult(
  context: HookContext,
  request: ForeignRequest,
  about: About,
): Promise<Result<{ readonly result: TenantResult; readonly simulation?: undefined }>> {
  if (request.kind === 'artifact') return read(context.folder, request.file, request.format, about)
  const folder = await mkdtemp(join(tmpdir(), 'tenant-sim-'))
  try {
    const name = request.format === 'json' ? 'result.json' : 'junit.xml'
    const [program = '', ...args] = request.command
    try {
      await context.exec(program, args, {
        cwd: context.folder,
        env: {
          ...context.env,
          TENANT_SIM_BASE_URL: about.base ?? '',
          TENANT_SIM_SPEC: join(context.folder, about.openapi),
          TENANT_SIM_OUT: join(folder, name),
          TENANT_SIM_RUN_ID: about.runId,
          TENANT_SIM_COMMIT: about.commit,
        },
        timeoutMs: request.timeoutMs,
        signal: context.signal,
      })
    } catch (error) {
      context.signal.throwIfAborted()
      return err({
        blame: 'user',
        reason: 'tenant-result-invalid',
        cause: `The simulator ${program} did not end: ${error instanceof Error ? error.message : String(error)}.`,
        likely: 'The program is not in the checkout, or waits for something.',
        next: 'Run the command by hand with the variables of docs/tenant-gate.md.',
      })
    }
    return await read(folder, name, request.format, about)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function read(folder: string, file: string, format: 'json' | 'junit', about: About) {
  const text = await folderReader(folder).read(file)
  if (!text.ok)
    return err({
      blame: 'user' as const,
      reason: 'tenant-result-invalid' as const,
      cause: `There is no result of the simulator: ${text.fault.cause}`,
      likely: 'It ended before it wrote one.',
      next: 'Look at its log; it has to write the file that TENANT_SIM_OUT names.',
    })
  const result = format === 'json' ? readResult(text.value, file) : fromJUnit(text.value, file, about)
  return result.ok ? { ok: true as const, value: { result: result.value } } : result
}
