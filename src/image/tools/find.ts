import { err, type Logger, ok, type Result } from '../../release/index.ts'
import { user } from '../faults.ts'
import { ask, type Programs } from '../programs.ts'
import { pinFor, type ToolName, type ToolPin } from './pins.ts'

/** Downloads a pinned tool, or finds it in the runner's cache; the file has the checksum of the pin. Answers its path. */
export type FetchTool = (pin: ToolPin, signal: AbortSignal) => Promise<Result<string>>

export interface Tools {
  readonly fetch: FetchTool
  /** `linux/x64`, in the words of Node. */
  readonly machine: string
}

/** The tool that the runner has, or else the pinned one. Says which. */
export async function findTool(
  name: ToolName,
  programs: Programs,
  tools: Tools,
  logger: Logger,
): Promise<Result<string>> {
  const own = await ask(programs, name, ['version'])
  if (own?.code === 0) {
    logger.info(`${name}: the one of the runner`)
    return ok(name)
  }
  const pin = pinFor(name, tools.machine)
  if (pin === undefined) return err(noTool(name, tools.machine))
  logger.info(`${name}: ${pin.version} of ${new URL(pin.url).host}, by its checksum`)
  return tools.fetch(pin, programs.signal)
}

function noTool(name: ToolName, machine: string) {
  return user('tool-missing', `${name} is not installed, and no checksum of it is known for ${machine}.`, {
    likely: 'The runner is of a kind for which this action pins no download.',
    next: `Install ${name} before this step, so that it is on PATH.`,
  })
}
