import { afterEach, describe, expect, test } from 'vitest'
import type { HttpRequest, Reply } from '../../../testkit/http/index.ts'
import { type SmallService, smallDocument, startSmallService } from '../../../testkit/tenant-demo/index.ts'
import { unwrap } from '../../release/index.ts'
import { systemClock } from '../../system/index.ts'
import { operationsOf } from '../api/operations.ts'
import { decide } from '../gate/verdict.ts'
import { configOf, descriptionOf, tokens } from '../testing/demo.fixture.ts'
import { resultOf } from './check.ts'
import { type SimulationOptions, simulate } from './simulate.ts'

let service: SmallService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})

const yaml = 'version: 1\ntenants: { a: { id: acme }, b: { id: zeta } }\nsettle-seconds: 0\n'
const commit = 'a'.repeat(40)

interface Setting extends Partial<SimulationOptions> {
  readonly intercept?: (request: HttpRequest) => Reply | 'drop' | undefined
  readonly document?: object
  readonly yaml?: string
}

async function judged({ intercept, document = smallDocument(), yaml: text = yaml, ...more }: Setting) {
  service = await startSmallService(intercept === undefined ? {} : { intercept })
  const description = await descriptionOf(document)
  const config = configOf(text)
  const simulation = unwrap(
    await simulate({
      description,
      config,
      base: new URL(service.url),
      headers: tokens,
      fetch: globalThis.fetch,
      clock: systemClock(),
      signal: AbortSignal.timeout(60_000),
      run: 'test',
      ...more,
    }),
  )
  const result = resultOf(simulation, { commit, runId: '1', startedAt: '2026-01-01T00:00:00Z' })
  const verdict = decide(result, {
    commit,
    operations: operationsOf(description),
    exempt: new Set(config.exempt.map(({ operation }) => operation)),
    inconclusiveLimit: config.policy['inconclusive-limit'],
    mutationWaived: false,
    left: simulation.cleaned.failed.map(({ why }) => why),
    ...(simulation.invalid === undefined ? {} : { invalid: simulation.invalid }),
  })
  return { verdict, simulation }
}

const reply = (status: number, body: object | string = {}, type = 'application/json'): Reply => ({
  status,
  headers: { 'content-type': type },
  body,
})

/** Answers so from its n-th request of a kind on. */
function fromThe(count: number, answer: Reply, of: (request: HttpRequest) => boolean = () => true) {
  let seen = 0
  return (request: HttpRequest): Reply | undefined => {
    if (!of(request)) return undefined
    seen += 1
    return seen > count ? answer : undefined
  }
}

const one = ({ path }: HttpRequest) => /^\/items\/./.test(path)
const list = ({ path, method }: HttpRequest) => path === '/items' && method === 'GET'
const known = ({ headers }: HttpRequest) => headers.authorization !== undefined

test('the small service itself is found in order, and left as it was', async () => {
  const { verdict, simulation } = await judged({})
  expect(verdict).toMatchObject({ state: 'pass', problems: [] })
  expect([...(service?.items.values() ?? [])]).toEqual([
    { id: '0b5c1a2e-0000-4000-8000-000000000001', tenant: 'umbra', name: 'Lantern' },
  ])
  expect(simulation.cleaned.removed).toBeGreaterThan(10)
})

describe('a service that proves nothing is never green', () => {
  test.each<[string, Setting, string, RegExp]>([
    ['404 to everything', { intercept: () => reply(404) }, 'invalid', /gets 404/],
    [
      '200 {} to everything',
      { intercept: () => reply(200) },
      'invalid',
      /without credentials .* answers 200/,
    ],
    [
      '200 {} to whoever has credentials',
      { intercept: (request) => (known(request) ? reply(200) : undefined) },
      'invalid|untested',
      /answers without an id|no positive control/,
    ],
    [
      '429 to everything',
      { intercept: () => ({ ...reply(429), headers: { 'retry-after': '60' } }) },
      'invalid',
      /gets 429/,
    ],
    [
      '429 after the first requests',
      { intercept: fromThe(40, { ...reply(429), headers: { 'retry-after': '60' } }, known) },
      'inconclusive|untested|invalid',
      /./,
    ],
    [
      '503 after the first requests',
      { intercept: fromThe(40, reply(503)) },
      'inconclusive|untested|invalid',
      /./,
    ],
    ['500 to every foreign id', { intercept: failsForeign }, 'inconclusive', /inconclusive/],
    [
      'credentials that run out in the middle',
      { intercept: fromThe(60, reply(401), known) },
      'inconclusive|untested|invalid',
      /./,
    ],
    ['the same credentials twice', { headers: { a: tokens.a, b: tokens.a } }, 'invalid', /same credentials/],
    [
      'the same tenant id twice',
      { yaml: yaml.replace('zeta', 'acme') },
      'invalid',
      /both tenants have the id/,
    ],
    [
      'two tokens of one tenant',
      { headers: { a: jwt('acme', 1), b: jwt('acme', 2) } },
      'invalid',
      /name the same tenant/,
    ],
    ['two users of one tenant', { intercept: oneTenant() }, 'invalid', /nothing proves that they are two/],
    [
      'a description of another service',
      { document: another() },
      'untested|invalid',
      /gets 404|answered 404/,
    ],
    ['a list without an end', { intercept: endless(), document: paged() }, 'inconclusive', /inconclusive/],
    [
      'answers larger than the bound',
      {
        intercept: (request) =>
          list(request) && known(request) ? reply(200, 'x'.repeat(200_000), 'text/plain') : undefined,
        bounds: { maxBytes: 100_000 },
      },
      'invalid',
      /larger than/,
    ],
    [
      'larger answers to foreign ids',
      { intercept: (request) => huge(request), bounds: { maxBytes: 100_000 } },
      'inconclusive|untested',
      /./,
    ],
    [
      'binary answers',
      {
        intercept: (request) =>
          one(request) && request.method === 'GET' && known(request)
            ? {
                status: 200,
                headers: { 'content-type': 'application/octet-stream' },
                body: Buffer.from([0, 159, 146, 150, 0]),
              }
            : undefined,
      },
      'untested|inconclusive',
      /./,
    ],
    [
      'connections that break',
      { intercept: (request) => (request.method === 'PUT' ? 'drop' : undefined) },
      'untested',
      /replaceItem/,
    ],
    ['no time', { bounds: { totalMs: 1 } }, 'invalid', /time of the run/],
  ])('%s', async (_, setting, state, why) => {
    const { verdict } = await judged(setting)
    expect(verdict.state).toMatch(new RegExp(`^(${state})$`))
    expect(verdict.problems.join('\n')).toMatch(why)
  })

  test('the reason of an operation without a positive control is told', async () => {
    const { verdict } = await judged({
      intercept: ({ method }) => (method === 'PUT' ? reply(422, { error: 'colour is missing' }) : undefined),
    })
    expect(verdict.problems.join('\n')).toMatch(/replaceItem is not tested: .*422: .*colour is missing/)
  })

  test('objects that cannot be removed are told', async () => {
    const { verdict, simulation } = await judged({
      intercept: ({ method }) => (method === 'DELETE' ? reply(403) : undefined),
      yaml: `${yaml}exempt: [{ operation: deleteItem, scope: admin, reason: only operators delete, expires: 2099-01-01 }]\n`,
    })
    expect(verdict.state).toBe('inconclusive')
    expect(simulation.cleaned.failed[0]?.why).toMatch(/deleteItem answered 403/)
  })
})

test('credentials that run out are fetched again by the login hook, once, and the run goes on', async () => {
  let worn = false
  let asked = 0
  let seen = 0
  const { verdict } = await judged({
    intercept: ({ headers }) => {
      seen += 1
      if (seen > 60) worn = true
      return worn && headers.authorization === 'Bearer token-acme' && headers['x-fresh'] === undefined
        ? reply(401)
        : undefined
    },
    login: async () => {
      asked += 1
      return { ...tokens.a, 'x-fresh': 'yes' }
    },
  })
  expect(verdict.state).toBe('pass')
  expect(asked).toBeGreaterThan(0)
})

test('a schema that asks for itself without end ends as an operation that is not tested', async () => {
  const document = smallDocument()
  const endless = {
    type: 'object',
    required: ['child'],
    properties: { child: { $ref: '#/components/schemas/NewItem' } },
  }
  document.components.schemas.NewItem = endless
  const { verdict } = await judged({
    document,
    intercept: ({ method, headers }) =>
      method === 'POST' && headers.authorization !== undefined ? reply(422) : undefined,
  })
  expect(verdict.state).toMatch(/untested|invalid/)
})

/** Whoever is asked about an object that was made by the other one falls over. */
function failsForeign(request: HttpRequest): Reply | undefined {
  if (!one(request) || service === undefined) return undefined
  const item = service.items.get(request.path.replace('/items/', ''))
  return item !== undefined &&
    request.headers.authorization !== `Bearer token-${item.tenant}` &&
    known(request)
    ? reply(500)
    : undefined
}

function huge(request: HttpRequest): Reply | undefined {
  const answer = failsForeign(request)
  return answer === undefined ? undefined : reply(200, { text: 'x'.repeat(200_000) })
}

/** Both tokens are users of one tenant: the service sees acme only. */
function oneTenant() {
  return (request: HttpRequest): undefined => {
    if (known(request)) Reflect.set(request.headers, 'authorization', 'Bearer token-acme')
    return undefined
  }
}

function jwt(tenant: string, salt: number): Readonly<Record<string, string>> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return { authorization: `Bearer ${part({ alg: 'none', typ: 'JWT' })}.${part({ tenant, salt })}.signature` }
}

function another(): object {
  const { paths, ...rest } = smallDocument()
  return {
    ...rest,
    paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [`/v9${path}`, item])),
  }
}

/** Pages that each name another one. */
function endless() {
  let page = 0
  return (request: HttpRequest): Reply | undefined => {
    if (!list(request) || !known(request)) return undefined
    page += 1
    const own = [...(service?.items.values() ?? [])].filter(
      ({ tenant }) => request.headers.authorization === `Bearer token-${tenant}`,
    )
    return reply(200, { items: own.map(({ id, name }) => ({ id, name })), nextCursor: `page-${page}` })
  }
}

function paged(): object {
  const document = smallDocument()
  const get = Reflect.get(document.paths['/items'] ?? {}, 'get')
  return {
    ...document,
    paths: {
      ...document.paths,
      '/items': {
        ...document.paths['/items'],
        get: { ...get, parameters: [{ name: 'cursor', in: 'query', schema: { type: 'string' } }] },
      },
    },
  }
}
