import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSplice, spliceCase } from '../../bench/pins/splice-property.ts'
import { spliceScalar } from './splice.ts'

const laughs = `a: 1\n${['b', 'c', 'd', 'e'].map((key, at) => `${key}: &${key} [${Array(9).fill(at === 0 ? 'x' : `*${'abcd'[at]}`)}]\n`).join('')}`

describe('an edit of one scalar', () => {
  it.each([
    ['plain becomes double quoted', 'a: old # c\nb: 1\n', 'a', 'a: "new" # c\nb: 1\n', 'old'],
    ['single quotes stay', "a: 'old'\r\n", 'a', "a: 'new'\r\n", 'old'],
    ['double quotes stay', 'a:   "old"   # c', 'a', 'a:   "new"   # c', 'old'],
    ['an empty value', 'a:\nb: 1\n', 'a', 'a: "new"\nb: 1\n', ''],
    ['an empty value before a comment', 'a:   # c\nb: 1\n', 'a', 'a:   "new" # c\nb: 1\n', ''],
    ['an empty value in flow style', '{a: , b: 2}', 'a', '{a: "new", b: 2}', ''],
    [
      'flow style with a comma at the end',
      'a: {image: {digest: old, }, }\n',
      'a.image.digest',
      'a: {image: {digest: "new", }, }\n',
      'old',
    ],
    [
      'a number of which YAML loses digits, on another line',
      'n: 12345678901234567890\na: 12e5678\n',
      'a',
      'n: 12345678901234567890\na: "new"\n',
      '12e5678',
    ],
    [
      'an element by name',
      'containers:\n- name: web\n  image: x\n- name: api\n  image: y\n',
      'containers[name=api].image',
      'containers:\n- name: web\n  image: x\n- name: api\n  image: "new"\n',
      'y',
    ],
    [
      'a key with dots',
      'l:\n  app.kubernetes.io/name: x\n',
      'l["app.kubernetes.io/name"]',
      'l:\n  app.kubernetes.io/name: "new"\n',
      'x',
    ],
    [
      'a byte order mark before a list',
      '\ufeff- [x]\n---\na: old\n',
      'a',
      '\ufeff- [x]\n---\na: "new"\n',
      'old',
    ],
    ['aliases without end', 'a: old\nb: &b [*b]\n', 'a', 'a: "new"\nb: &b [*b]\n', 'old'],
    ['a byte order mark', '\ufeffa: old\n', 'a', '\ufeffa: "new"\n', 'old'],
    ['the one document that has it', 'b: 1\n---\na: old\n', 'a', 'b: 1\n---\na: "new"\n', 'old'],
    ['an anchor that nothing refers to', 'a: &x\n  b: old\n', 'a.b', 'a: &x\n  b: "new"\n', 'old'],
  ])('%s', (_, source, path, text, before) => {
    expect(spliceScalar(source, path, 'new')).toMatchObject({ ok: true, value: { text, before } })
  })

  it.each([
    ['a key that is there twice', 'a: 1\na: 2\n', 'a', 'yaml-unreadable'],
    ['keys that are one under YAML 1.1', 'on: 1\nyes: 2\na: 1\n', 'a', 'yaml-unreadable'],
    ['broken YAML', 'a: [1\n', 'a', 'yaml-unreadable'],
    ['a missing key', 'a: 1\n', 'b', 'yaml-target-missing'],
    ['a key without a colon', '{a}', 'a', 'yaml-target-missing'],
    ['an empty file', '', 'a', 'yaml-target-missing'],
    ['a missing element', 'c: [{name: x}]', 'c[name=y].image', 'yaml-target-missing'],
    [
      'two elements of one name',
      'c: [{name: x, i: 1}, {name: x, i: 2}]',
      'c[name=x].i',
      'yaml-target-refused',
    ],
    ['a map', 'a: {b: 1}\n', 'a', 'yaml-target-refused'],
    ['an alias', 'x: &b 1\na: *b\n', 'a', 'yaml-target-refused'],
    ['an anchor on the value', 'a: &b 1\nx: *b\n', 'a', 'yaml-target-refused'],
    [
      'an anchor above it that another place refers to',
      'x: &b {a: {d: 1}}\ny: *b\n',
      'x.a.d',
      'yaml-target-refused',
    ],
    ['a place behind an alias', 'x: &b {a: 1}\ny: *b\n', 'y.a', 'yaml-target-refused'],
    ['keys taken over from another map', 'x: &b {a: 1}\ny: {<<: *b, c: 1}\n', 'y.c', 'yaml-target-refused'],
    ['a block scalar', 'a: |\n  x\n', 'a', 'yaml-target-refused'],
    ['a tag that is no text', 'a: !!int 3\n', 'a', 'yaml-target-refused'],
    ['a value over two lines', 'a: x\n  y\n', 'a', 'yaml-edit-unproved'],
    ['two documents that have it', 'a: 1\n---\na: 2\n', 'a', 'yaml-target-refused'],
    ['aliases that expand a thousandfold', laughs, 'a', 'yaml-edit-unproved'],
    ['an index, which is no path', 'a: [1]\n', 'a[0]', 'internal-error'],
  ])('refuses %s', (_, source, path, reason) => {
    const result = spliceScalar(source, path, 'new', { file: 'f.yaml' })
    expect(result.ok ? result.value.text : result.fault.reason).toBe(reason)
  })

  it('takes the object that is meant in a file of several', () => {
    const source = 'kind: A\nmetadata: {name: x}\nv: 1\n---\nkind: A\nmetadata: {name: y}\nv: 1\n'
    const result = spliceScalar(source, 'v', '2', { document: { kind: 'A', name: 'y' } })
    expect(result).toMatchObject({ ok: true, value: { line: 7, text: source.replace(/1\n$/, '"2"\n') } })
    expect(spliceScalar(source, 'v', '2', { document: { kind: 'A', name: 'z' } })).toMatchObject({
      ok: false,
      fault: { reason: 'yaml-target-missing' },
    })
  })

  it('names the line and the column', () => {
    expect(spliceScalar('x: 1\na:\n  b: |\n    t\n', 'a.b', 'v', { file: 'f.yaml' })).toMatchObject({
      ok: false,
      fault: { at: { file: 'f.yaml', line: 3, column: 6 } },
    })
  })

  it('writes a text that readers of YAML 1.1 do not take for line breaks or broken characters', () => {
    expect(spliceScalar('a: x\n', 'a', 'é\u0085\u2028😀\n"\\')).toMatchObject({
      ok: true,
      value: { text: 'a: "\\u00e9\\u0085\\u2028\\U0001f600\\n\\"\\\\"\n' },
    })
    expect(spliceScalar('a: x\n', 'a', '\ud83d')).toMatchObject({
      ok: false,
      fault: { reason: 'yaml-edit-unproved' },
    })
  })

  it('changes the one value of an untidy document and nothing else, or refuses for a cause', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(spliceCase, (given) => {
        const what = checkSplice(given)
        seen.set(what, (seen.get(what) ?? 0) + 1)
      }),
      { numRuns: 2000 },
    )
    // Most are edited, and each kind of trap was met: a generator of tidy documents would prove nothing.
    expect(seen.get('edited')).toBeGreaterThan(1000)
    for (const trap of [
      'tag',
      'anchor',
      'alias',
      'block',
      'lines',
      'no scalar',
      'shared by an anchor',
      'merge',
    ]) {
      expect(
        [...seen.keys()].some((what) => what.includes(`(${trap})`)),
        trap,
      ).toBe(true)
    }
  })
})
