import { describe, expect, it } from 'vitest'
import { narrowings, spellings } from '../schema/keywords.fixture.ts'
import {
  asCallbackRequest,
  asCallbackResponse,
  asRequest,
  asResponse,
  asWebhookRequest,
  compare,
  type Files,
} from './documents.fixture.ts'

/** A loss that is announced although it rejects nothing is no matter of variance. */
const announced = { 'request-*-all-of-removed': 'info' } as const

const breaks = async (base: Files, revision: Files, serverReads: boolean): Promise<boolean> => {
  const { counts } = await compare(base, revision, serverReads ? { levels: announced } : {})
  // A warning is an edit that breaks somebody and is left to people: it is no compatible one.
  return counts.error + counts.warning > 0
}

/** What may stand where: the server reads it, or the client does. */
const positions: readonly (readonly [
  name: string,
  wrap: (schema: unknown) => Files,
  serverReads: boolean,
])[] = [
  ['request', asRequest, true],
  ['response', asResponse, false],
  ['request of a callback', asCallbackRequest, false],
  ['response of a callback', asCallbackResponse, true],
  ['request of a webhook', asWebhookRequest, false],
]

describe.each(positions)('a schema in a %s', (_, wrap, serverReads) => {
  it.each(narrowings)('%s: narrowing breaks who writes, widening who reads', async (_, wide, narrow) => {
    expect(await breaks(wrap(wide), wrap(narrow), serverReads)).toBe(serverReads)
    expect(await breaks(wrap(narrow), wrap(wide), serverReads)).toBe(!serverReads)
  })

  it.each(spellings)('%s: another spelling is no finding', async (_, one, other) => {
    expect((await compare(wrap(one), wrap(other))).counts).toMatchObject({ error: 0, warning: 0 })
    expect((await compare(wrap(other), wrap(one))).counts).toMatchObject({ error: 0, warning: 0 })
  })

  it.each(narrowings)('%s: a document against itself has no finding', async (_, wide, narrow) => {
    expect((await compare(wrap(wide), wrap(wide))).findings).toEqual([])
    expect((await compare(wrap(narrow), wrap(narrow))).findings).toEqual([])
  })
})
