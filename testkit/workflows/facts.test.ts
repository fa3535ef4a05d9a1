import { expect, test } from 'vitest'
import { keptFacts } from './facts.ts'
import type { Place } from './place.ts'

test('a region is looked at when the train comes to it, when its facts are old, and when something was done', async () => {
  let now = 0
  const asked: string[] = []
  const place = { regions: ['us', 'eu'], time: { now: () => new Date(now) } } as unknown as Place
  const facts = keptFacts(place, 60_000, async (region) => asked.push(region))
  const looks = async (handing?: string) => {
    const known = await facts.read(handing)
    return { asked: asked.splice(0), known: known.length }
  }
  expect(await looks()).toEqual({ asked: ['us'], known: 1 })
  expect(await looks()).toEqual({ asked: [], known: 1 })
  facts.forget('us')
  expect(await looks('us')).toEqual({ asked: [], known: 0 })
  expect(await looks()).toEqual({ asked: ['us'], known: 1 })
  facts.verified()
  expect(await looks()).toEqual({ asked: ['eu'], known: 2 })
  now = 60_000
  expect(await looks()).toEqual({ asked: ['us', 'eu'], known: 2 })
  facts.forget('eu')
  await facts.lookAhead('eu')
  await facts.lookAhead('us')
  expect(await looks()).toEqual({ asked: ['eu'], known: 2 })
})
