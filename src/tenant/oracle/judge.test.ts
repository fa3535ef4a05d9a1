import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAnswer } from '../client/answer.ts'
import { judge, type Question, tellsExistence } from './judge.ts'
import { findSecret } from './secrets.ts'

const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  readAnswer(
    status,
    new Headers(headers),
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  )
const secrets = { prefix: 'zzrun1b', values: ['3f0c1f0e-9a58-4b3c-8d2e-000000000001'] }
const deny = [401, 403, 404, 410]

describe('what is found', () => {
  test.each<[string, ReturnType<typeof answer>, readonly string[]]>([
    ['a marker', answer(200, { name: 'zzrun1b001' }), []],
    ['in capitals', answer(200, { name: 'ZZRUN1B001' }), []],
    ['a marker that was cut', answer(200, 'zzrun1b…'), []],
    ['in a refusal', answer(404, 'zzrun1b001 is not yours'), []],
    ['in a header', answer(404, '', { 'x-owner': 'zzrun1b001' }), []],
    ['in the target of a redirect, encoded', answer(302, '', { location: '/login?for=%7A%7Arun1b001' }), []],
    ['an id', answer(200, { id: '3F0C1F0E-9a58-4b3c-8d2e-000000000001' }), []],
    ['another marker than the one that was sent', answer(200, 'zzrun1b001 zzrun1b002'), ['zzrun1b001']],
    ['a whole marker where its beginning was searched for', answer(200, 'found zzrun1b001'), ['zzrun1b']],
    [
      'in bytes that are no text',
      readAnswer(200, new Headers(), Buffer.concat([Buffer.from([0, 255]), Buffer.from('zzrun1b001')])),
      [],
    ],
  ])('%s', (_, one, sent) => {
    expect(findSecret(one, sent, secrets)).toBeDefined()
    expect(judge({ reply: one, sent, secrets, deny, expects: 'object' }).verdict).toBe('leak')
  })

  test.each<[string, ReturnType<typeof answer>, readonly string[]]>([
    [
      'an echo of the id that was sent',
      answer(404, 'no 3f0c1f0e-9a58-4b3c-8d2e-000000000001 here'),
      secrets.values,
    ],
    ['an echo of the search', answer(200, 'nothing for "zzrun1b"'), ['zzrun1b']],
    ["the caller's own marker", answer(200, 'zzrun1a001'), []],
    ['nothing', answer(200), []],
  ])('%s is nothing', (_, one, sent) => expect(findSecret(one, sent, secrets)).toBeUndefined())

  test('a marker is found wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        (before, after) =>
          findSecret(answer(200, `${before} zzrun1b00x ${after}`), [], secrets) !== undefined,
      ),
    )
  })
})

describe('what is made of an answer', () => {
  const owners = answer(200, { id: 7, size: 'small' })
  test.each<[string, Partial<Question> & { reply: Question['reply'] }, string]>([
    ['no answer', { reply: { ok: false, why: 'no answer within 10 s' } }, 'inconclusive'],
    ['a refusal', { reply: answer(404) }, 'pass'],
    ['a refusal that the policy forbids', { reply: answer(403), deny: [404] }, 'leak'],
    ['a malformed request', { reply: answer(400) }, 'inconclusive'],
    ['another method', { reply: answer(405) }, 'inconclusive'],
    ['another type', { reply: answer(415) }, 'inconclusive'],
    ['an invalid body', { reply: answer(422) }, 'inconclusive'],
    ['a limit', { reply: answer(429) }, 'inconclusive'],
    ['a failure', { reply: answer(500) }, 'inconclusive'],
    [
      "the owner's own view, in another order",
      { reply: answer(200, { size: 'small', id: 7 }), owners },
      'leak',
    ],
    ['an empty list', { reply: answer(200, []) }, 'pass'],
    ['an empty page', { reply: answer(200, { items: [], total: 0, next: null }) }, 'pass'],
    ['something else', { reply: answer(200, { id: 8 }), owners }, 'inconclusive'],
    [
      'a file',
      { reply: readAnswer(200, new Headers(), Uint8Array.of(0, 1, 2)), expects: 'own' },
      'inconclusive',
    ],
    ['an own list', { reply: answer(200, [1]), expects: 'own' }, 'pass'],
    ['a write that is read back', { reply: answer(204), expects: 'write' }, 'pass'],
  ])('%s', (_, question, verdict) => {
    expect(judge({ sent: [], secrets, deny, expects: 'object', ...question }).verdict).toBe(verdict)
  })
})

test.each([
  [answer(403), answer(404), /403 .* 404/],
  [answer(404, { error: 'x' }), answer(404, { error: 'x', hint: 'y' }), /differ in form/],
  [answer(404, { error: 'a' }), answer(404, { error: 'b' }), undefined],
  [answer(404), answer(429), undefined],
  [answer(200), answer(404), undefined],
])('whether refusals tell what exists', (foreign, nobodys, tells) => {
  const said = tellsExistence(foreign, nobodys)
  if (tells === undefined) expect(said).toBeUndefined()
  else expect(said).toMatch(tells)
})
