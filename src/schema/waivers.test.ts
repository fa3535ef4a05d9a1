import { expect, test } from 'vitest'
import type { ReviewFinding } from './finding.ts'
import { applyWaivers, parseWaivers, type Waiver } from './waivers.ts'

const good = `version: 1
waivers:
  - file: 0007_x.sql
    rule: create-index
    object: public.t
    reason: forty rows
    owner: payments
    expires: 2027-01-31
`

test('an entry is read with its line', () => {
  expect(parseWaivers(good, 'w.yaml')).toEqual({
    ok: true,
    value: [
      {
        file: '0007_x.sql',
        rule: 'create-index',
        object: 'public.t',
        reason: 'forty rows',
        owner: 'payments',
        expires: '2027-01-31',
        line: 3,
      },
    ],
  })
})

test.each([
  ['no version', good.replace('version: 1', 'version: 2'), 1],
  ['no owner', good.replace(/.*owner.*\n/, ''), 3],
  ['no reason', good.replace('forty rows', '""'), 3],
  ['no day', good.replace('2027-01-31', 'soon'), 3],
  ['a day that is none', good.replace('2027-01-31', '2027-02-31'), 3],
  ['an unknown key', good.replace('object', 'objet'), 3],
  ['no list', 'version: 1\nwaivers: 3\n', 1],
])('%s is refused at its line', (_, text, line) => {
  expect(parseWaivers(text, 'w.yaml')).toMatchObject({
    ok: false,
    fault: { reason: 'migration-waivers-invalid', at: { file: 'w.yaml', line } },
  })
})

const finding: ReviewFinding = {
  rule: 'create-index',
  danger: 'blocks',
  level: 'error',
  title: '',
  certainty: 'unsafe',
  what: 'public.t',
  instead: '',
  versions: [18],
  file: 'migrations/0007_x.sql',
  line: 1,
  column: 1,
}
const waiver: Waiver = {
  file: '0007_x.sql',
  rule: 'create-index',
  reason: 'small',
  owner: 'me',
  expires: '2026-11-21',
  line: 1,
}

test('a waiver holds to the end of its last day, and not a day longer', () => {
  expect(applyWaivers([finding], [waiver], '2026-11-21').findings[0]?.waived?.owner).toBe('me')
  const late = applyWaivers([finding], [waiver], '2026-11-22')
  expect(late.findings[0]?.waived).toBeUndefined()
  expect(late.expired).toEqual([waiver])
})

test.each<Partial<Waiver>>([{ file: '0008_x.sql' }, { rule: 'drop-index' }, { object: 'public.other' }])(
  'with %j it matches nothing and is told',
  (other) => {
    const answer = applyWaivers([finding], [{ ...waiver, ...other }], '2026-11-21')
    expect(answer.findings[0]?.waived).toBeUndefined()
    expect(answer.unmatched).toHaveLength(1)
  },
)
