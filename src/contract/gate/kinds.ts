import { err, ok, type Result } from '../../release/index.ts'
import type { FileReader } from '../files.ts'
import { compareDescriptions } from '../openapi/compare.ts'
import { type Description, loadDescription } from '../openapi/document.ts'
import type { Comparison, Policy } from '../types.ts'
import type { ContractKind } from './specs.ts'

/** A contract that was read, ready to be held against another version of itself. */
export interface Contract {
  readonly kind: ContractKind
  /** What going from this version to that one breaks for those who rely on this one. */
  to(revision: Contract, policy: Policy): Result<Comparison>
}

interface OpenApiContract extends Contract {
  readonly description: Description
}

export async function openContract(
  _kind: ContractKind,
  path: string,
  reader: FileReader,
): Promise<Result<Contract>> {
  const loaded = await loadDescription(path, reader)
  if (!loaded.ok) return loaded
  const contract: OpenApiContract = {
    kind: 'openapi',
    description: loaded.value,
    to: (revision, policy) => {
      if (isOpenApi(revision)) return compareDescriptions(loaded.value, revision.description, policy)
      return err({
        blame: 'ours',
        reason: 'contract-not-openapi',
        cause: `${path} was held against a ${revision.kind} contract.`,
        next: 'Report this with the inputs of the step.',
      })
    },
  }
  return ok(contract)
}

const isOpenApi = (contract: Contract): contract is OpenApiContract => 'description' in contract
