import { expect, test } from 'vitest'
import { readDeclaration, releaseNumber } from './declaration.ts'

test('the head of a file says phase, pair and the release that no longer needs the old shape', () => {
  const sql = `-- Nicknames go.
-- tuesday:phase contract
--tuesday: pair pairs/0012_back.sql

-- tuesday:unused-since r41
alter table t drop column nick;
-- tuesday:phase expand`
  expect(readDeclaration(sql)).toEqual({
    phase: 'contract',
    pair: 'pairs/0012_back.sql',
    unusedSince: 'r41',
    faults: [],
  })
})

test.each(['phase later', 'pair ../../etc/x.sql', 'pair /x.sql', 'unused-since v1', 'phases expand'])(
  'tuesday:%s is told as a fault with its line',
  (text) => {
    expect(readDeclaration(`-- a\n-- tuesday:${text}\nselect 1`).faults).toEqual([
      { line: 2, what: `-- tuesday:${text}` },
    ])
  },
)

test('a file without a head declares nothing', () => {
  expect(readDeclaration('select 1; -- tuesday:phase contract')).toEqual({ faults: [] })
})

test.each([
  ['r1', 1],
  ['r41', 41],
  ['r0', undefined],
  ['41', undefined],
])('release %s has the number %s', (id, number) => {
  expect(releaseNumber(id)).toBe(number)
})
