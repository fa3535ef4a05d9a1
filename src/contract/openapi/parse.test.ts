import { describe, expect, it } from 'vitest'
import { at, rootPlace } from '../schema/place.ts'
import { parseText } from './parse.ts'

function lineOf(text: string, ...keys: readonly string[]): number | undefined {
  const parsed = parseText(text, 'a.yaml')
  if (!parsed.ok) throw new Error(parsed.fault.cause)
  return parsed.value.lineOf(
    at(rootPlace({ file: 'a.yaml', dialect: 'json-schema' }, parsed.value.value), ...keys),
  )
}

const yaml = `# a comment
paths:
  "/a/{id}": &item
    get: { tags: [x, y] }
    'it''s': 1
  "\\u0062": 2
  /c: *item
text: >
  folded
  - text
list:
- a: 1
-
  b: 2
more:
  <<: *item
  own: 3
`

describe('the line of a value', () => {
  it.each([
    [[], 2],
    [['paths'], 3],
    [['paths', '/a/{id}', 'get', 'tags', '1'], 4],
    [['paths', '/a/{id}', "it's"], 5],
    [['paths', 'b'], 6],
    [['paths', '/c', "it's"], 5],
    [['list', '1', 'b'], 14],
    [['more', 'own'], 17],
    // What a merge brings in stands elsewhere: the mapping that takes it is named.
    [['more', 'get'], 16],
    [['paths', 'nowhere', 'below'], 3],
  ])('%j is %i', (keys, line) => {
    expect(lineOf(yaml, ...keys)).toBe(line)
  })

  it('is the same in JSON', () => {
    expect(lineOf('{\n "a": [1,\n  {"b\\n": 2}]\n}', 'a', '1', 'b\n')).toBe(3)
  })
})

describe('a text that is no document of one meaning is refused', () => {
  it.each([
    ['a key given twice', 'a: 1\nb: 2\na: 3\n', 'contract-unreadable', 3],
    ['two documents', '---\na: 1\n---\nb: 2\n', 'contract-unreadable', undefined],
    ['an alias of nothing', 'a: 1\nb: *nothing\n', 'contract-unreadable', 2],
    ['a key that is no text', '? {a: 1}\n: b\n', 'contract-unreadable', 1],
    ['an unknown tag', 'a: !!python/object x\n', 'contract-unreadable', 1],
    ['an open quote', 'a: "x', 'contract-unreadable', 1],
    ['a value that holds itself', 'a: &a [*a]\n', 'contract-too-large', undefined],
    [
      'ten thousand aliases and one',
      `a: &a x\nb:\n${'- *a\n'.repeat(10_001)}`,
      'contract-too-large',
      undefined,
    ],
    ['a million brackets', '['.repeat(1_000_000), 'contract-too-large', undefined],
    ['a million list marks', '- '.repeat(1_000_000), 'contract-too-large', undefined],
  ])('%s', (_, text, reason, line) => {
    const started = performance.now()
    const parsed = parseText(text, 'a.yaml')
    expect(parsed).toMatchObject({ ok: false, fault: { reason } })
    if (!parsed.ok) expect(parsed.fault.at?.line).toBe(line)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('may be large', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: {a: [1, 2], b: text}`)
    const parsed = parseText(keys.join('\n'), 'a.yaml')
    expect(parsed.ok && parsed.value.value).toMatchObject({ k19999: { a: [1, 2], b: 'text' } })
  })
})
