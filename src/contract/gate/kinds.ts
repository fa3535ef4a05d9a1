import { err, ok, type Result } from '../../release/index.ts'
import { compareAsyncApi, loadAsyncApi } from '../events/asyncapi.ts'
import { compareAvro, loadAvro } from '../events/avro.ts'
import { loadCatalogue } from '../events/catalogue.ts'
import { compareJsonSchemas, loadJsonSchema } from '../events/json-schema.ts'
import { compareProtobuf, loadProtobuf, type Tools } from '../events/protobuf.ts'
import { compareCatalogues } from '../events/rules.ts'
import type { FileReader } from '../files.ts'
import { compareDescriptions } from '../openapi/compare.ts'
import { loadDescription } from '../openapi/document.ts'
import type { Comparison, Policy } from '../types.ts'
import type { ContractKind } from './specs.ts'

/** A contract that was read, ready to be held against another version of itself. */
export interface Contract {
  /** What going from this version to that one breaks for those who rely on this one. */
  to(revision: Contract, policy: Policy, tools: Tools): Promise<Result<Comparison>>
}

type Compare<T> = (
  base: T,
  revision: T,
  policy: Policy,
  tools: Tools,
) => Result<Comparison> | Promise<Result<Comparison>>

/** Ties what was read to how it is compared; a version of another kind is a defect of the caller. */
function kindOf<T>(
  load: (path: string, reader: FileReader) => Promise<Result<T>>,
  compare: Compare<T>,
): (path: string, reader: FileReader) => Promise<Result<Contract>> {
  const documents = new WeakMap<Contract, T>()
  return async (path, reader) => {
    const loaded = await load(path, reader)
    if (!loaded.ok) return loaded
    const contract: Contract = {
      to: async (revision, policy, tools) => {
        const other = documents.get(revision)
        return other === undefined ? err(otherKind(path)) : compare(loaded.value, other, policy, tools)
      },
    }
    documents.set(contract, loaded.value)
    return ok(contract)
  }
}

const kinds = {
  openapi: kindOf(loadDescription, compareDescriptions),
  asyncapi: kindOf(loadAsyncApi, compareAsyncApi),
  events: kindOf(loadCatalogue, compareCatalogues),
  'json-schema': kindOf(loadJsonSchema, compareJsonSchemas),
  avro: kindOf(loadAvro, compareAvro),
  protobuf: kindOf(loadProtobuf, compareProtobuf),
} satisfies Record<ContractKind, (path: string, reader: FileReader) => Promise<Result<Contract>>>

export function openContract(
  kind: ContractKind,
  path: string,
  reader: FileReader,
): Promise<Result<Contract>> {
  return kinds[kind](path, reader)
}

const otherKind = (path: string) =>
  ({
    blame: 'ours',
    reason: 'contract-not-openapi',
    cause: `${path} was held against a contract of another kind.`,
    next: 'Report this with the inputs of the step.',
  }) as const
