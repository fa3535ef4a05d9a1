import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatYamlPath, parseYamlPath, type YamlStep } from './yaml-path.ts'

describe('a path into YAML', () => {
  it.each([
    ['a', ['a']],
    ['workloads.delivery-api.image.digest', ['workloads', 'delivery-api', 'image', 'digest']],
    ['containers[name=api].image', ['containers', { key: 'name', value: 'api' }, 'image']],
    [
      'images[name="registry.example.com/a"].digest',
      ['images', { key: 'name', value: 'registry.example.com/a' }, 'digest'],
    ],
    ['labels["app.kubernetes.io/name"]', ['labels', 'app.kubernetes.io/name']],
  ])('%s', (text, steps) => {
    expect(parseYamlPath(text)).toEqual(steps)
    expect(formatYamlPath(steps)).toBe(text)
  })

  it.each(['', '.a', 'a.', 'a..b', 'a[0]', 'a[', 'a[name=]', 'a[=x]', 'a]b', 'a["x]', 'a[b]c'])(
    '%j is none',
    (text) => {
      expect(parseYamlPath(text)).toBeUndefined()
    },
  )

  it('reads back whatever it writes', () => {
    const word = fc.string({ minLength: 1, unit: 'grapheme' })
    const select = fc.record({ key: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,9}$/), value: word })
    const path = fc
      .tuple(word, fc.array(fc.oneof<fc.Arbitrary<YamlStep>[]>(word, select)))
      .map(([first, rest]) => [first, ...rest])
    fc.assert(
      fc.property(path, (steps) => {
        expect(parseYamlPath(formatYamlPath(steps))).toEqual(steps)
      }),
    )
  })
})
