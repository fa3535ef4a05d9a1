import { describe, expect, test } from 'vitest'
import { catalogueFromSql, type Finding, lint, loadGrammar, rules } from '../index.ts'
import { type Sample, samples, schema } from './reference.fixture.ts'

async function judge({ sql, version = 18, transaction, bare, plain }: Sample): Promise<readonly Finding[]> {
  const grammar = await loadGrammar(version)
  const made = catalogueFromSql(grammar, schema)
  if (!made.ok) throw new Error(made.fault.message)
  return lint(grammar, sql, {
    version,
    catalogue: made.catalogue,
    inTransaction: transaction === true,
    timeouts: bare === true ? 'file' : 'runner',
    journal: plain !== true,
    newest: await loadGrammar(18),
  })
}

test('all 104 hazards of the reference have a sample', () => {
  const numbers = new Set(samples.map(({ number }) => number))
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 104 }, (_, at) => at + 1))
})

describe.each(samples)('§1 #$number', (sample) => {
  test(`${sample.sql} is ${sample.rule}`, async () => {
    const found = await judge(sample)
    const hit = found.find(({ rule }) => rule === sample.rule)
    expect(found.map(({ rule }) => rule)).toContain(sample.rule)
    expect(hit?.instead ?? rules[sample.rule].way).toMatch(/\S/)
  })
})
