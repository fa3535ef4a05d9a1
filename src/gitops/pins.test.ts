import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommitSha, type Digest, unwrap } from '../release/index.ts'
import { initialPins, readPins, writePins } from './pins.ts'

const hex = (length: number) =>
  fc.string({ minLength: length, maxLength: length, unit: fc.constantFrom(...'0123456789abcdef') })
const digest = hex(64).map((text) => `sha256:${text}` as Digest)
const sha = hex(40).map((text) => text as CommitSha)
const names = fc.uniqueArray(
  fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fc.constantFrom('on', '1e5', 'no', 'a b')),
  {
    minLength: 1,
    maxLength: 5,
  },
)
const pins = fc.record({
  configSha: sha,
  digests: names.chain((keys) =>
    fc
      .array(digest, { minLength: keys.length, maxLength: keys.length })
      .map((all) => new Map(keys.map((key, at) => [key, all[at] as Digest]))),
  ),
})
const d = (char: string) => `sha256:${char.repeat(64)}` as Digest
const c = (char: string) => char.repeat(40) as CommitSha

describe('a pins file', () => {
  it('reads as what it was made from', () => {
    fc.assert(
      fc.property(pins, (given) => {
        expect(readPins(initialPins(given))).toEqual({ ok: true, value: given })
      }),
    )
    expect(unwrap(readPins(initialPins({ configSha: c('a'), digests: new Map() }))).digests.size).toBe(0)
  })

  it('takes changes of any of its values, and no other', () => {
    fc.assert(
      fc.property(pins, digest, sha, fc.nat(4), fc.boolean(), (given, next, configSha, at, both) => {
        const workload = [...given.digests.keys()][at % given.digests.size] as string
        const changes = { digests: new Map([[workload, next]]), ...(both ? { configSha } : {}) }
        const text = unwrap(writePins(initialPins(given), changes))
        expect(unwrap(readPins(text))).toEqual({
          configSha: both ? configSha : given.configSha,
          digests: new Map([...given.digests, [workload, next]]),
        })
      }),
    )
  })

  it('keeps what people wrote around the values, and changes one line for one value', () => {
    const text = `# pins\r\nrelease: {configSha: '${c('1')}'}   # config\r\nworkloads:\r\n  api:\r\n    image: {digest: "${d('a')}"}\r\n  relay: {image: {digest: ${d('a')}}} # old\r\n`
    expect(unwrap(writePins(text, { digests: new Map([['relay', d('b')]]) }))).toBe(
      text.replace(`digest: ${d('a')}}`, `digest: "${d('b')}"}`),
    )
    expect(unwrap(writePins(text, { configSha: c('2') }))).toBe(text.replace(c('1'), c('2')))
    expect(unwrap(writePins(text, { configSha: c('1'), digests: new Map([['api', d('a')]]) }))).toBe(text)
  })

  it('keeps one digest that several workloads share apart', () => {
    const text = initialPins({
      configSha: c('a'),
      digests: new Map([
        ['api', d('a')],
        ['relay', d('a')],
      ]),
    })
    const changed = unwrap(readPins(unwrap(writePins(text, { digests: new Map([['api', d('b')]]) }))))
    expect(Object.fromEntries(changed.digests)).toEqual({ api: d('b'), relay: d('a') })
  })

  it.each([
    ['nothing', ''],
    ['two documents', `${initialPins({ configSha: c('a'), digests: new Map() })}---\na: 1\n`],
    ['a commit that YAML reads as a number', `release: {configSha: ${'1'.repeat(40)}}\nworkloads: {}\n`],
    ['a short commit', 'release: {configSha: "abc1234"}\nworkloads: {}\n'],
    ['no workloads', `release: {configSha: "${c('a')}"}\n`],
    ['a tag for a digest', `release: {configSha: "${c('a')}"}\nworkloads: {api: {image: {digest: v1}}}\n`],
    [
      'a digest behind an alias',
      `release: {configSha: "${c('a')}"}\nworkloads: {api: {image: {digest: &d "${d('a')}"}}, b: {image: {digest: *d }}}\n`,
    ],
    [
      'a workload twice',
      `release: {configSha: "${c('a')}"}\nworkloads:\n  api: {image: {digest: "${d('a')}"}}\n  api: {image: {digest: "${d('b')}"}}\n`,
    ],
    ['a conflict of a merge', `<<<<<<< ours\nrelease: {configSha: "${c('a')}"}\n=======\n`],
  ])('with %s is no pins file', (_, text) => {
    const answer = readPins(text, 'environments/eu/pins.yaml')
    expect(answer.ok ? answer.value : answer.fault).toMatchObject({
      reason: 'pins-invalid',
      at: { file: 'environments/eu/pins.yaml' },
    })
    expect(writePins(text, { configSha: c('b') })).toMatchObject({ ok: false })
  })

  it('adds a workload that tuesday.yaml has gained, as lines of its own, and nothing else', () => {
    const text = `# pins\r\nrelease: {configSha: '${c('1')}'}\r\nworkloads:\r\n    api: # first\r\n        image: {digest: "${d('a')}"} # now\r\n# the end\r\n`
    const added = unwrap(writePins(text, { digests: new Map([['relay', d('b')]]) }))
    const lines = `    relay:\r\n      image:\r\n        digest: "${d('b')}"\r\n`
    expect(added).toBe(text.replace('# the end', `${lines}# the end`))
    expect(unwrap(readPins(added)).digests.get('relay')).toBe(d('b'))
    fc.assert(
      fc.property(pins, digest, (given, next) => {
        const grown = unwrap(writePins(initialPins(given), { digests: new Map([['new-one', next]]) }))
        expect(grown.startsWith(initialPins(given))).toBe(true)
        expect(unwrap(readPins(grown))).toEqual({
          ...given,
          digests: new Map([...given.digests, ['new-one', next]]),
        })
      }),
    )
  })

  it('adds no workload to a map in braces', () => {
    const text = `release: { configSha: "${c('1')}" }\nworkloads: { api: { image: { digest: "${d('a')}" } } }\n`
    expect(writePins(text, { digests: new Map([['relay', d('b')]]) })).toMatchObject({
      ok: false,
      fault: { reason: 'yaml-target-refused' },
    })
  })

  it('is refused while image automation writes it, too', () => {
    const text = `${initialPins({ configSha: c('a'), digests: new Map([['api', d('a')]]) })}# {"$imagepolicy": "flux:api"}\n`
    expect(writePins(text, { digests: new Map([['api', d('b')]]) })).toMatchObject({
      ok: false,
      fault: { reason: 'image-automation', at: { line: 9 } },
    })
  })
})
