import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A pair of documents with the verdict of the project that published it; index.json says what the fields mean. */
export interface Case {
  readonly id: string
  readonly source: string
  readonly group?: string
  readonly base: string
  readonly revision: string
  readonly breaking: boolean | null
  readonly strength: string
  readonly expected_ids: readonly string[]
  readonly note?: string
}

export function readCases(folder: string): readonly Case[] {
  const index: unknown = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
  if (typeof index !== 'object' || index === null || !('cases' in index) || !Array.isArray(index.cases)) {
    throw new Error(`${folder}/index.json has no list of cases`)
  }
  return index.cases.filter(isCase)
}

function isCase(value: unknown): value is Case {
  if (typeof value !== 'object' || value === null) return false
  const fields = ['id', 'source', 'base', 'revision', 'strength'] as const
  return fields.every((field) => typeof Reflect.get(value, field) === 'string') && 'breaking' in value
}

/** Cases whose label is about the wire contract and is asserted, not a policy that peers disagree on. */
export function isCore({ breaking, strength, group }: Case): boolean {
  return breaking !== null && ['strong', 'one-edit'].includes(strength) && group !== 'lifecycle-policy'
}
