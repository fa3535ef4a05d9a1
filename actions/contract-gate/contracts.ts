import { readConfig } from '../../src/config/index.ts'
import { type ContractSpec, nothingToCompare, parseContractLines } from '../../src/contract/index.ts'
import { err, ok, type Result } from '../../src/release/index.ts'
import type { GateContext } from './gate.ts'

/** The contracts of the inputs, or of tuesday.yaml. */
export async function contractsOf({ inputs, runner }: GateContext): Promise<Result<readonly ContractSpec[]>> {
  const lines = inputs.contracts ?? []
  if (lines.length > 0) return parsed(lines)
  const config = await readConfig(runner.workspace, inputs.config)
  if (!config.ok) return config
  const { openapi, events } = config.value.contracts
  const named = [
    ...(openapi === undefined ? [] : [`openapi ${openapi}`]),
    ...(events === undefined ? [] : [`events ${events}`]),
  ]
  return named.length === 0 ? err(nothingToCompare(inputs.config)) : parsed(named)
}

function parsed(lines: readonly string[]): Result<readonly ContractSpec[]> {
  const specs = parseContractLines(lines)
  if (specs.ok) return ok(specs.value)
  return err({
    blame: 'user',
    reason: 'invalid-input',
    cause: `\`contracts\` ${specs.why}.`,
    next: 'Write one contract a line: `openapi api/openapi.yaml`.',
  })
}
