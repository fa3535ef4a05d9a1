import { expect, expectTypeOf, test } from 'vitest'
import { type CommitSha, type Digest, parseCommitSha, parseDigest } from '../release/index.ts'
import { input } from './inputs.ts'
import { defineAction, type Values } from './registry.ts'

const description = 'A text.'

test('values have the type of their input, undefined only where nothing makes them certain', () => {
  const action = defineAction({
    name: 'probe',
    description,
    inputs: {
      must: input.text({ required: true, description }),
      may: input.text({ description }),
      word: input.oneOf(['a', 'b'], { default: 'a', description }),
      facts: input.json({ read: (value) => ({ ok: true, value: Number(value) }), description }),
      list: input.list({ default: 'x', description }),
      digest: input.parsed({ form: 'd', example: 'd', read: parseDigest, required: true, description }),
      commit: input.parsed({ form: 'c', example: 'c', read: parseCommitSha, description }),
      plan: input.json({
        read: (value) => ({ ok: true, value: Number(value) }),
        required: true,
        description,
      }),
    },
    outputs: { weight: description },
  })
  expectTypeOf<Values<typeof action.inputs>>().toEqualTypeOf<{
    readonly must: string
    readonly may: string | undefined
    readonly word: 'a' | 'b'
    readonly facts: number | undefined
    readonly list: readonly string[]
    readonly digest: Digest
    readonly commit: CommitSha | undefined
    readonly plan: number
    readonly 'fail-on': 'fail' | 'wait'
  }>()
  expect(Object.keys(action.inputs)).toEqual([
    'must',
    'may',
    'word',
    'facts',
    'list',
    'digest',
    'commit',
    'plan',
    'fail-on',
  ])
})

test.each([
  [
    'a name that is not kebab-case',
    () => defineAction({ name: 'p', description, inputs: { dryRun: input.text({ description }) } }),
  ],
  [
    'an output that every action has',
    () => defineAction({ name: 'p', description, inputs: {}, outputs: { verdict: description } }),
  ],
  [
    'a default that is not legal',
    () =>
      defineAction({ name: 'p', description, inputs: { d: input.duration({ default: '5', description }) } }),
  ],
  ['a bound that is no duration', () => input.duration({ max: '5', description })],
])('%s is a defect that shows at once', (_, define) => {
  expect(define).toThrow(TypeError)
})
