import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, same } from './objects.ts'
import { jsonPatch, mergePatch } from './patch.ts'

describe('JSON Merge Patch', () => {
  // The table of RFC 7386, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ] as [Json, Json, Json][])('%j + %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })

  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string({ minLength: 1, maxLength: 2 }), tie('value'), { maxKeys: 3 }),
    ),
  })).value

  it('applied twice is applied once', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = mergePatch(target, patch)
        expect(same(mergePatch(once, patch), once)).toBe(true)
      }),
    )
  })

  it('a JSON patch that replaces the whole says what it says', () => {
    fc.assert(
      fc.property(json, json, (target, value) => {
        expect(jsonPatch(target, [{ op: 'add', path: '', value }])).toEqual(value)
      }),
    )
  })
})

describe('JSON Patch', () => {
  it.each([
    ['add to a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    ['append', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    ['remove from a list', { a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    ['move', { a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
    ['copy', { a: 1 }, [{ op: 'copy', from: '/a', path: '/b' }], { a: 1, b: 1 }],
    ['escaped names', { 'a/b~c': 1 }, [{ op: 'replace', path: '/a~1b~0c', value: 2 }], { 'a/b~c': 2 }],
  ] as [string, Json, Json, Json][])('%s', (_name, document, patch, result) => {
    expect(jsonPatch(document, patch)).toEqual(result)
  })

  it.each([
    ['a missing value', [{ op: 'remove', path: '/x' }]],
    ['a missing parent', [{ op: 'add', path: '/x/y', value: 1 }]],
    ['a failed test', [{ op: 'test', path: '/a', value: 2 }]],
    ['an unknown operation', [{ op: 'merge', path: '/a' }]],
  ] as [string, Json][])('refuses %s', (_name, patch) => {
    expect(() => jsonPatch({ a: 1 }, patch)).toThrow()
  })
})
