import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotationsPerLevel, chooseAnnotations } from './annotations.ts'
import { docsLink, runnerFacts } from './facts.ts'
import { harmlessLines } from './log.ts'
import type { Annotation } from './outcome.ts'
import { keepSecrets, maskable } from './secrets.ts'
import { runnerEnv } from './testing/host.ts'

describe('log lines', () => {
  test.each([
    ['::error::x', [': :error::x']],
    ['  ::set-output name=a::b', ['  : :set-output name=a::b']],
    ['a ##[error]b', ['a ## [error]b']],
    ['a\r::error::b\r\n::x', ['a', ': :error::b', ': :x']],
    ['a::b', ['a::b']],
    ['\0', ['\uFFFD']],
  ])('%j prints as %j', (text, lines) => {
    expect(harmlessLines(text)).toEqual(lines)
  })

  test('no text at all becomes a command', () => {
    const part = fc.constantFrom(
      '::',
      ':',
      '##[',
      '#',
      '[',
      'error',
      ' ',
      '\n',
      '\r',
      '\u2028',
      '\u00a0',
      '\t',
      'a',
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        for (const line of harmlessLines(parts.join(''))) {
          expect(line.trimStart().startsWith('::')).toBe(false)
          expect(line).not.toMatch(/##\[|[\r\n]/)
        }
      }),
    )
  })
})

describe('secrets', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n'
  test.each([
    ['token', ['token']],
    ['  ', []],
    [pem, [pem.trim(), '-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBg', '-----END PRIVATE KEY-----']],
    ['{\n  "key": "value"\n}', ['{\n  "key": "value"\n}', '"key": "value"']],
  ])('%j masks %j', (secret, values) => {
    expect(maskable(secret)).toEqual(values)
  })

  test('what goes into a file is redacted, the longest value first, also inside of JSON', () => {
    const masked: string[] = []
    const secrets = keepSecrets((value) => masked.push(value))
    secrets.add('abc123')
    secrets.add('abc123-and-more')
    secrets.add('abc123')
    expect(masked).toEqual(['abc123', 'abc123-and-more'])
    expect(secrets.redact('x abc123-and-more abc123')).toBe('x *** ***')
    expect(secrets.redactJson({ a: ['abc123', 1, null, true], b: undefined })).toEqual({
      a: ['***', 1, null, true],
    })
  })
})

describe('annotations', () => {
  const many = (level: Annotation['level'], count: number): Annotation[] =>
    Array.from({ length: count }, (_, index) => ({ level, message: `${level} ${index}` }))

  test('ten of each level are all shown', () => {
    const all = [...many('error', 10), ...many('warning', 10), ...many('notice', 10)]
    expect(chooseAnnotations(all)).toEqual(all)
  })

  test('of more the first nine are shown and the rest counted', () => {
    const chosen = chooseAnnotations([...many('warning', 25), ...many('error', 1)])
    expect(chosen).toHaveLength(annotationsPerLevel + 1)
    expect(chosen.at(-1)?.message).toMatch(/^16 more of this kind/)
    expect(chosen.map(({ level }) => level).slice(0, 2)).toEqual(['error', 'warning'])
  })

  test('the same one is said once, a long one is shortened', () => {
    expect(chooseAnnotations([...many('error', 1), ...many('error', 1)])).toHaveLength(1)
    const [long] = chooseAnnotations([{ level: 'error', message: 'x'.repeat(9_000) }])
    expect(long?.message.length).toBeLessThanOrEqual(4_096)
    expect(long?.message).toMatch(/9000 characters/)
  })
})

describe('facts of the runner', () => {
  test('names everything that is missing', () => {
    const facts = runnerFacts({ ...runnerEnv, GITHUB_SHA: '', RUNNER_TEMP: undefined })
    expect(!facts.ok && facts.fault.cause).toMatch(/GITHUB_SHA, RUNNER_TEMP/)
  })

  test('builds the page of the run and knows another server', () => {
    const facts = runnerFacts({ ...runnerEnv, GITHUB_SERVER_URL: 'https://git.example.com' })
    expect(facts.ok && facts.value.runUrl).toBe(
      'https://git.example.com/acme/delivery-service/actions/runs/7',
    )
  })

  test('links to the documentation of the version that runs', () => {
    const env = { GITHUB_ACTION_REPOSITORY: 'acme/tuesday', GITHUB_ACTION_REF: 'v1' }
    expect(docsLink(env, 'done')).toBe('https://github.com/acme/tuesday/blob/v1/docs/reason-codes.md#done')
    expect(docsLink({}, 'done')).toBe('docs/reason-codes.md#done')
  })
})
