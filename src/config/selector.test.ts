import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillSelector, selectorProblem } from './selector.ts'

const values = { namespace: 'shop', environment: 'prod-us', workload: 'api' }

test.each([
  ['a name alone', 'up'],
  ['a recording rule', 'job:http_requests:count'],
  ['no matcher', 'up{}'],
  ['every operator', 'm{a="1",b!="2", c=~"3|4",d!~"5..$",}'],
  ['brackets and functions inside a text', 'm{path=~"/v1/[^/]+/(a|b)"}'],
  ['an escaped quote', 'm{a="\\"x"}'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the syntax under test
  ['variables', 'm{a="$namespace",b="${workload}-x",c="$environment"}'],
])('%s is a selector', (_name, text) => {
  expect(selectorProblem(text)).toBeUndefined()
})

test.each([
  ['a function', 'sum(m)', /no function and no range/],
  ['a range', 'm{a="1"}[5m]', /no function and no range/],
  ['an offset', 'm offset 5m', /has to be a series selector/],
  ['arithmetic', 'm - n', /has to be a series selector/],
  ['an open brace', 'm{a="1"', /has to be a series selector/],
  ['a value without quotes', 'm{a=1}', /has to be a series selector/],
  ['nothing', '', /has to be a series selector/],
  ['an unknown variable', 'm{a="$region"}', /\$region, which is none of/],
  ['a misspelt variable', 'm{a="$namspace"}', /did you mean \$namespace\?/],
  ['too much', `m{a="${'x'.repeat(2000)}"}`, /longer than 2000/],
])('%s is none', (_name, text, says) => {
  expect(selectorProblem(text)).toMatch(says)
})

test('variables are filled in, all else stays', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the syntax under test
  expect(fillSelector('m{a="$namespace",b="${workload}-$environment",code=~"5..$"}', values)).toBe(
    'm{a="shop",b="api-prod-us",code=~"5..$"}',
  )
})

test('no value can break out of its text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (namespace) => {
      const filled = fillSelector('m{a="$namespace"}', { ...values, namespace })
      const inside = /^m\{a="((?:[^"\\\n]|\\.)*)"\}$/.exec(filled)?.[1]
      expect(inside?.replaceAll('\\n', '\n').replaceAll(/\\(["\\])/g, '$1')).toBeDefined()
    }),
  )
  expect(fillSelector('m{a="$namespace"}', { ...values, namespace: 'x"} or up{b="\\' })).toBe(
    'm{a="x\\"} or up{b=\\"\\\\"}',
  )
})

test('hostile texts are judged in no time', () => {
  const started = performance.now()
  for (const text of [
    `m{${'a="b",'.repeat(250)}`,
    `m{a="${'\\'.repeat(1900)}`,
    `m{${' '.repeat(1900)}`,
    `${'a'.repeat(1900)}!`,
  ]) {
    expect(selectorProblem(text)).toBeDefined()
  }
  expect(performance.now() - started).toBeLessThan(10_000)
})
