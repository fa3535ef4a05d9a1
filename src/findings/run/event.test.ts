import { expect, test } from 'vitest'
import { commitsOf, needsBase } from './event.ts'

const [base, head, merge] = ['b', 'c', 'd'].map((letter) => letter.repeat(40)) as [string, string, string]
const pull = (fork: boolean) => ({
  pull_request: { base: { sha: base }, head: { sha: head, repo: { fork } } },
})

test.each([
  ['a pull request', 'pull_request', pull(false), { base, judged: [merge, head] }],
  ['a pull request of a fork', 'pull_request', pull(true), { base, judged: [merge, head] }],
  [
    'a group of the merge queue',
    'merge_group',
    { merge_group: { base_sha: base, head_sha: merge } },
    { base, judged: [merge, merge] },
  ],
  ['a push', 'push', { before: base, after: merge }, { judged: [merge] }],
  ['a schedule', 'schedule', {}, { judged: [merge] }],
  ['no payload', 'push', undefined, { judged: [merge] }],
])('%s', (_, event, payload, expected) => {
  expect(commitsOf(event, payload, merge)).toEqual(expected)
})

test.each([
  ['pull_request', true],
  ['pull_request_target', true],
  ['merge_group', true],
  ['push', false],
  ['schedule', false],
])('%s is refused without a base: %s', (event, refused) => {
  expect(commitsOf(event, {}, merge).base).toBeUndefined()
  expect(needsBase(event)).toBe(refused)
})
