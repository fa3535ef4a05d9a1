import { describe, expect, it } from 'vitest'
import { runTrial } from '../../../bench/openapi/soundness.ts'
import { effectOfSchemas } from './documents.ts'
import { narrowings, spellings, when } from './keywords.fixture.ts'

describe('an edit of a schema', () => {
  it.each(narrowings)('%s: accepts less one way and more the other way', (_, wide, narrow) => {
    expect(effectOfSchemas(wide, narrow)).toBe('narrows')
    expect(effectOfSchemas(narrow, wide)).toBe('widens')
  })

  it.each(narrowings)('%s: is none against itself', (_, wide, narrow) => {
    expect(effectOfSchemas(wide, structuredClone(wide))).toBe('none')
    expect(effectOfSchemas(narrow, structuredClone(narrow))).toBe('none')
  })

  it.each(narrowings)('%s: works the other way round under not', (_, wide, narrow) => {
    expect(effectOfSchemas({ not: wide }, { not: narrow })).toBe('widens')
  })

  it.each(narrowings)('%s: is found through a reference and an allOf', (_, wide, narrow) => {
    const within = (schema: unknown): object => ({
      type: 'object',
      properties: { deep: { allOf: [{ $ref: '#/$defs/x' }] } },
      $defs: { x: schema },
    })
    expect(effectOfSchemas(within(wide), within(narrow))).toBe('narrows')
  })

  it.each(spellings)('%s: another spelling is no edit', (_, one, other) => {
    expect(effectOfSchemas(one, other)).toBe('none')
    expect(effectOfSchemas(other, one)).toBe('none')
  })

  it.each([
    ['type', { type: 'string' }, { type: 'integer' }],
    ['const', { const: 'a' }, { const: 'b' }],
    ['pattern', { pattern: '^a' }, { pattern: '^b' }],
    ['if', when({ minimum: 1 }, { maximum: 5 }), when({ minimum: 2 }, { maximum: 5 })],
    ['contentMediaType', { contentMediaType: 'text/csv' }, { contentMediaType: 'text/html' }],
  ])('%s: exchanged for another one breaks both ways', (_, base, revision) => {
    expect(effectOfSchemas(base, revision)).toBe('both')
  })

  it('lets a schema refer to itself', () => {
    const tree = (leaf: object): object => ({
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, leaf } } },
      $ref: '#/$defs/node',
    })
    expect(effectOfSchemas(tree({ type: 'number' }), tree({ type: 'number' }))).toBe('none')
    expect(effectOfSchemas(tree({ type: 'number' }), tree({ type: 'integer' }))).toBe('narrows')
  })

  it('counts undeclared content only in the strict reading', () => {
    const [base, revision] = [{ type: 'object' }, { type: 'object', properties: { a: { type: 'string' } } }]
    expect(effectOfSchemas(base, revision)).toBe('none')
    expect(effectOfSchemas(base, revision, 'strict')).toBe('narrows')
  })

  it('never runs a pattern', () => {
    const hostile = {
      patternProperties: { '^(a+)+$': { type: 'string' } },
      properties: { [`${'a'.repeat(40)}!`]: {} },
    }
    expect(effectOfSchemas(hostile, { ...hostile, minProperties: 1 })).toBe('narrows')
  })

  it('calls nothing compatible that rejects an instance', () => {
    let judged = 0
    for (let seed = 1; seed <= 400; seed += 1) {
      const trial = runTrial(seed, 30)
      if (trial === undefined) continue
      judged += 1
      expect(trial, `seed ${seed}`).not.toHaveProperty('unsound')
    }
    expect(judged).toBeGreaterThan(300)
  })
})
