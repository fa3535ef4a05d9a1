import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commitMessage, parseTrailers, type TrailerName, trailerNames } from './message.ts'

const trailers = fc.record(
  Object.fromEntries(trailerNames.map((name) => [name, fc.string({ unit: 'binary' })])) as Record<
    TrailerName,
    fc.Arbitrary<string>
  >,
  { requiredKeys: [] },
)

describe('commit message', () => {
  it('puts subject, body and trailers apart', () => {
    expect(
      commitMessage({
        subject: 'delivery-service: pin prod-us',
        body: 'Because of T3.',
        trailers: { Region: 'prod-us', 'Release-Train': 'r-1', Actor: 'ann' },
      }),
    ).toBe(
      'delivery-service: pin prod-us\n\nBecause of T3.\n\nRelease-Train: r-1\nRegion: prod-us\nActor: ann\n',
    )
  })

  it('does not let a value forge a trailer', () => {
    const message = commitMessage({ subject: 's', trailers: { Actor: 'eve\nRegion: prod-eu', Run: '1' } })
    expect(parseTrailers(message)).toEqual({ Actor: 'eve\nRegion: prod-eu', Run: '1' })
    expect(message.split('\n').filter((line) => line.startsWith('Region'))).toEqual([])
  })

  it('does not let a body or a subject pass for trailers', () => {
    expect(
      parseTrailers(commitMessage({ subject: 's', body: 'Actor: eve', trailers: { Run: '1' } })),
    ).toEqual({ Run: '1' })
    expect(parseTrailers(commitMessage({ subject: 's\n\nActor: eve', trailers: { Run: '1' } }))).toEqual({
      Run: '1',
    })
  })

  it('gives back any trailers, whatever subject and body say', () => {
    fc.assert(
      fc.property(
        trailers,
        fc.string({ unit: 'binary' }),
        fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
        (given, subject, body) => {
          fc.pre(Object.values(given).some((value) => value !== ''))
          const message = commitMessage({ subject, ...(body === undefined ? {} : { body }), trailers: given })
          const wanted = Object.fromEntries(
            Object.entries(given).flatMap(([k, v]) => (v === '' ? [] : [[k, v?.toWellFormed()]])),
          )
          expect(parseTrailers(message)).toEqual(wanted)
          expect(message).not.toContain('\0')
        },
      ),
    )
  })
})
