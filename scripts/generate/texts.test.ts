import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { defineAction, input, jobToken } from '../../src/action/index.ts'
import { actionYaml, between, inputTable, outputTable, reasonPage } from './texts.ts'

const action = defineAction({
  name: 'probe',
  description: 'Says "yes": to | all # of it.',
  inputs: {
    mode: input.oneOf(['adopt', 'next'], { default: 'next', description: 'What | to do.' }),
    'github-token': input.secret({ default: jobToken, description: 'Token.' }),
    environment: input.text({ required: true, description: 'Where.' }),
  },
  outputs: { weight: 'Weight in percent.' },
})

test('action.yml says what the registry says', () => {
  const written = parse(actionYaml(action))
  expect(written).toEqual({
    name: 'Tuesday probe',
    description: action.description,
    branding: { icon: 'git-commit', color: 'blue' },
    inputs: {
      environment: { description: 'Where.', required: true },
      mode: { description: 'What | to do. One of: adopt, next.', required: false, default: 'next' },
      'github-token': { description: 'Token.', required: false, default: jobToken },
      'fail-on': expect.objectContaining({ required: false, default: 'fail' }),
    },
    outputs: {
      verdict: { description: expect.any(String) },
      'reason-code': { description: expect.any(String) },
      result: { description: expect.any(String) },
      weight: { description: 'Weight in percent.' },
    },
    runs: { using: 'node24', main: 'dist/index.js' },
  })
})

test('the tables have a row for each input and output, required inputs first', () => {
  const rows = inputTable(action).split('\n').slice(2)
  expect(rows.map((row) => row.split(' | ')[0])).toEqual([
    '| `environment`',
    '| `mode`',
    '| `github-token`',
    '| `fail-on`',
  ])
  expect(rows[1]).toBe('| `mode` | What \\| to do. | `adopt`, `next` | `next` |')
  expect(outputTable(action)).toContain('| `weight` | Weight in percent. |')
})

test('replaces what stands between markers and keeps the rest, however often', () => {
  const page = 'a\n<!-- t -->\nold\n<!-- /t -->\nb\n'
  const once = between(page, 't', 'new')
  expect(once).toBe('a\n<!-- t -->\n\nnew\n\n<!-- /t -->\nb\n')
  expect(between(once ?? '', 't', 'new')).toBe(once)
})

test.each(['no markers', '<!-- t --> open', '<!-- t --><!-- /t --><!-- t --><!-- /t -->'])(
  'no place for it: %s',
  (page) => {
    expect(between(page, 't', 'new')).toBeUndefined()
  },
)

test('every reason code has a section under its own anchor', () => {
  const page = reasonPage({ b: 'Second.', a: 'First.' })
  expect(page.match(/^## .*$/gm)).toEqual(['## a', '## b'])
})
