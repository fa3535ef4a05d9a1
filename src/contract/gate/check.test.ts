import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newRepository, type Repository } from '../../../testkit/findings/index.ts'
import type { CommitSha } from '../../release/index.ts'
import type { CheckRequest, CheckResult } from './check.ts'
import type { Deployed, DeployedVersion } from './deployed.ts'
import { recordOf, sarifOf } from './record.ts'
import { check, contract, openapi } from './repository.fixture.ts'

let repository: Repository
beforeEach(() => {
  repository = newRepository()
})
afterEach(() => repository.remove())

const two = openapi({ id: 'string', total: 'integer' })
const one = openapi({ id: 'string' })
const three = openapi({ id: 'string', total: 'integer', note: 'string' })

async function answered(request: Partial<CheckRequest> = {}, lines?: string[]): Promise<CheckResult> {
  const result = await check(repository, request, lines)
  if (!result.ok) throw new Error(result.fault.cause)
  return result.value
}

async function refused(request: Partial<CheckRequest> = {}): Promise<string> {
  const result = await check(repository, request)
  return result.ok ? `answered ${result.value.state}` : result.fault.reason
}

const standingsOf = ({ standings }: CheckResult) =>
  standings.map(({ baseline, state }) => `${baseline.name} ${state}`)

describe('against the commit that a change goes to', () => {
  test('an edit that breaks stops, with operation, pointer, file and line of both sides', async () => {
    const base = repository.commit({ [contract]: two })
    repository.commit({ [contract]: one.replace('info:', '# moved down\ninfo:') })
    const result = await answered({ base })
    expect(result.state).toBe('breaking')
    const [finding] = recordOf(result).findings
    expect(finding).toMatchObject({
      id: 'response-required-property-removed',
      state: 'blocking',
      method: 'GET',
      path: '/orders',
      against: ['base'],
      base: { file: contract, line: 16, pointer: expect.stringMatching(/properties\/total$/) },
      revision: { file: contract, line: 13 },
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
    const [run] = JSON.parse(sarifOf(result)).runs
    expect(run.automationDetails.id).toBe(`contract-gate/${contract}/`)
    expect(run.results).toMatchObject([
      {
        ruleId: 'response-required-property-removed',
        partialFingerprints: { 'tuesday/v1': finding?.fingerprint },
      },
    ])
  })

  test('one that does not passes, and so does no edit', async () => {
    const base = repository.commit({ [contract]: two })
    const same = repository.commit({ 'readme.md': 'x' })
    expect(standingsOf(await answered({ base }))).toEqual(['base same'])
    repository.commit({ [contract]: three })
    const result = await answered({ base: same })
    expect(result.state).toBe('compatible')
    expect(standingsOf(result)).toEqual(['base compatible'])
  })

  test('what the target branch gained since is none of the removals of the change', async () => {
    const fork = repository.commit({ [contract]: one })
    repository.git('checkout', '--quiet', '-b', 'target')
    const base = repository.commit({ [contract]: two })
    repository.git('checkout', '--quiet', '-b', 'work', fork)
    repository.commit({ 'readme.md': 'x' })
    expect(standingsOf(await answered({ base }))).toEqual(['base same'])
  })

  test('a first contract has to be allowed', async () => {
    const base = repository.commit({ 'readme.md': 'x' })
    repository.commit({ [contract]: one })
    expect((await answered({ base })).state).toBe('new-not-allowed')
    expect((await answered({ base, allowNew: true })).state).toBe('new')
  })

  test('a file that was moved is followed when the move is told', async () => {
    const base = repository.commit({ 'old.yaml': two })
    repository.commit({ 'old.yaml': undefined, [contract]: one })
    expect((await answered({ base })).state).toBe('new-not-allowed')
    expect((await answered({ base, allowNew: true }, [`openapi ${contract} was=old.yaml`])).state).toBe(
      'breaking',
    )
  })

  test('base and head the wrong way round are refused', async () => {
    const head = repository.commit({ [contract]: one })
    const base = repository.commit({ [contract]: two })
    repository.git('checkout', '--quiet', head)
    expect(await refused({ base })).toBe('contract-swapped')
  })

  test('a version that goes back is said', async () => {
    const base = repository.commit({ [contract]: openapi({ id: 'string' }, '1.3.0') })
    repository.commit({ [contract]: openapi({ id: 'string' }, '1.2.9') })
    expect((await answered({ base })).notes.join()).toContain('wrong way round')
  })
})

describe('the policy', () => {
  const approval = (fingerprint: string, more: object = {}) => {
    const entry = {
      fingerprint,
      reason: 'the only client has moved',
      owner: 'ada',
      'approved-by': 'grace',
      expires: '2026-12-01',
      ...more,
    }
    return JSON.stringify({ version: 1, approvals: [entry] })
  }

  async function fingerprintOf(): Promise<string> {
    const base = repository.commit({ [contract]: two })
    repository.commit({ [contract]: one })
    const fingerprint = (await answered({ base })).judged[0]?.finding.fingerprint ?? ''
    repository.git('reset', '--quiet', '--hard', base)
    return fingerprint
  }

  test.each([
    ['good', {}, 'compatible', 'used'],
    ['past its end', { expires: '2026-11-20' }, 'breaking', 'expired'],
    ['good on its last day', { expires: '2026-11-21' }, 'compatible', 'used'],
    ['too far ahead', { expires: '2027-06-01' }, 'breaking', 'too-far'],
    ['for elsewhere', { environments: ['prod-eu'] }, 'breaking', 'unused'],
    ['of another edit', { fingerprint: '0123456789ab' }, 'breaking', 'unused'],
  ])('an approval that is %s', async (_, more, state, use) => {
    const fingerprint = await fingerprintOf()
    const base = repository.commit({ 'contracts.yaml': approval(fingerprint, more) })
    repository.commit({ [contract]: one })
    const result = await answered({ base })
    expect(result.state).toBe(state)
    expect(result.approvals.map((entry) => entry.state)).toEqual([use])
  })

  test('does not come from the change itself, unless that is asked for', async () => {
    const fingerprint = await fingerprintOf()
    const base = repository.git('rev-parse', 'HEAD')
    repository.commit({ [contract]: one, 'contracts.yaml': approval(fingerprint) })
    const result = await answered({ base })
    expect(result.state).toBe('breaking')
    expect(result.notes.join()).toContain('counts once it is merged')
    expect((await answered({ base, policyFromHead: true })).state).toBe('compatible')
  })

  test.each([
    ['an unknown key', 'version: 1\nlevel: {}\n', /`level` is not a known key; did you mean `levels`/],
    [
      'an approval by its owner',
      approval('0123456789ab', { 'approved-by': 'Ada' }),
      /approved by its own owner/,
    ],
    ['no reason', approval('0123456789ab', { reason: '' }), /says why/],
    ['a fingerprint of another form', approval('xyz'), /12 hex digits/],
    ['broken YAML', 'version: [', /contracts\.yaml/],
  ])('with %s is refused', async (_, text, says) => {
    const base = repository.commit({ [contract]: one, 'contracts.yaml': text })
    const result = await check(repository, { base })
    expect(result).toMatchObject({
      ok: false,
      fault: { reason: 'contract-policy-invalid', at: { file: 'contracts.yaml' } },
    })
    if (!result.ok) expect(result.fault.cause).toMatch(says)
  })

  test('sets levels by rule, and by environment', async () => {
    const policy = {
      version: 1,
      levels: { 'response-required-property-removed': 'warning' },
      environments: { 'prod-eu': { levels: { 'response-required-property-removed': 'error' } } },
    }
    const base = repository.commit({ [contract]: two, 'contracts.yaml': JSON.stringify(policy) })
    repository.commit({ [contract]: one })
    const deployed = running(
      { environment: 'prod-eu', commit: base },
      { environment: 'prod-us', commit: base },
    )
    const result = await answered({ base, deployed })
    expect(standingsOf(result)).toEqual(['base compatible', 'prod-eu breaking', 'prod-us compatible'])
    expect(result.judged[0]?.against).toEqual(['prod-eu'])
  })
})

function running(
  ...versions: readonly (Partial<Omit<DeployedVersion, 'commit'>> & { commit: string })[]
): Deployed {
  return {
    versions: versions.map(({ commit, ...more }) => ({
      environment: 'prod-us',
      role: 'serving',
      release: 'r1',
      ...more,
      commit: commit as CommitSha,
    })),
    unknown: [],
    empty: [],
  }
}

describe('against what is deployed', () => {
  test('every version of a mixed fleet counts, by environment', async () => {
    const first = repository.commit({ [contract]: two })
    const second = repository.commit({ [contract]: one })
    repository.commit({ [contract]: one, 'readme.md': 'x' })
    const deployed = running(
      { environment: 'prod-us', commit: second },
      { environment: 'prod-eu', commit: first },
      { environment: 'prod-eu', role: 'arriving', release: 'r2', commit: second },
    )
    const result = await answered({ deployed })
    expect(result.state).toBe('breaking')
    expect(standingsOf(result)).toEqual(['prod-us same', 'prod-eu breaking', 'prod-eu same'])
    expect(result.judged[0]?.against).toEqual(['prod-eu'])
    expect((await answered({ deployed: running({ commit: second }) })).state).toBe('compatible')
  })

  test('going back is judged as well: told, or failing by policy', async () => {
    const first = repository.commit({ [contract]: two })
    const second = repository.commit({ [contract]: three })
    const result = await answered({
      deployed: running({ commit: first }, { environment: 'prod-eu', commit: second }),
    })
    expect(result.state).toBe('compatible')
    expect(result.standings.map(({ baseline, rollbackUnsafe }) => [baseline.name, rollbackUnsafe])).toEqual([
      ['prod-us', ['response-required-property-removed']],
      ['prod-eu', []],
    ])
    repository.commit({ 'contracts.yaml': 'version: 1\nrollback: fail\n' })
    expect((await answered({ deployed: running({ commit: first }) })).state).toBe('breaking')
  })

  test.each([
    ['whose commit is not in the clone', { commit: 'f'.repeat(40) }, 'missing'],
    ['whose contract cannot be read', {}, 'unreadable'],
  ])('a version %s leaves all unknown, which fails', async (_, more, state) => {
    const broken = repository.commit({ [contract]: 'openapi: [' })
    repository.commit({ [contract]: one })
    const result = await answered({ deployed: running({ commit: broken, ...more }) })
    expect(result.state).toBe('incomplete')
    expect(standingsOf(result)).toEqual([`prod-us ${state}`])
  })

  test('an environment that the ledger knows no commit of leaves all unknown', async () => {
    repository.commit({ [contract]: one })
    const unknown = [{ environment: 'prod-us', why: 'it was adopted' }]
    expect((await answered({ deployed: { versions: [], unknown, empty: [] } })).state).toBe('incomplete')
    expect((await answered({ deployed: { versions: [], unknown: [], empty: [] } })).state).toBe('incomplete')
  })

  test('an environment that nothing was deployed to is a first one', async () => {
    repository.commit({ [contract]: one })
    const deployed = { versions: [], unknown: [], empty: ['prod-ap'] }
    expect((await answered({ deployed })).state).toBe('new-not-allowed')
    expect((await answered({ deployed, allowNew: true })).state).toBe('new')
  })
})

describe('a catalogue of events', () => {
  const entry = (more: object) => ({
    type: 'orders.created',
    version: 1,
    subject: 'orders.v1.created',
    schema: 'v1.json',
    ...more,
  })
  const catalogue = (...events: readonly object[]) => JSON.stringify({ version: 1, events })
  const ended = { status: 'deprecated', 'deprecated-on': '2026-09-01', sunset: '2026-11-01' }
  const second = { ...entry({ version: 2, subject: 'orders.v2.created' }), translator: 'src/to-v1.ts' }

  test('gives an event up only when nobody listens, anywhere', async () => {
    const files = { 'events/v1.json': '{"type":"object"}' }
    const listening = repository.commit({
      ...files,
      'events/catalogue.yaml': catalogue(entry({ ...ended, consumers: ['billing'] }), second),
    })
    const silent = repository.commit({ 'events/catalogue.yaml': catalogue(entry(ended), second) })
    repository.commit({ 'events/catalogue.yaml': catalogue(second) })
    const lines = ['events events/catalogue.yaml']
    const here = { environment: 'prod-us', commit: silent }
    const there = { environment: 'prod-eu', commit: listening }
    expect(standingsOf(await answered({ deployed: running(here) }, lines))).toEqual(['prod-us compatible'])
    const result = await answered({ deployed: running(here, there) }, lines)
    expect(standingsOf(result)).toEqual(['prod-us compatible', 'prod-eu breaking'])
    expect(result.judged[0]).toMatchObject({ against: ['prod-eu'], finding: { id: 'event-retired-early' } })
    expect(result.judged[0]?.finding.message).toContain('billing still consumes it')
  })
})

describe('wrong input is refused', () => {
  test.each([
    ['broken YAML', 'openapi: [', 'contract-unreadable'],
    ['not OpenAPI', 'kind: Deployment', 'contract-not-openapi'],
    ['Swagger 2', 'swagger: "2.0"', 'contract-version-unsupported'],
    ['no file', undefined, 'contract-missing'],
    [
      'a reference to nothing',
      one.replace('{ type: string }', '{ $ref: "#/nothing" }'),
      'contract-reference-missing',
    ],
    [
      'a reference out of the repository',
      one.replace('{ type: string }', '{ $ref: "../../x.yaml" }'),
      'contract-reference-outside',
    ],
    [
      'six hundred levels',
      `{"openapi":"3.1.0","x":${'['.repeat(600)}${']'.repeat(600)}}`,
      'contract-too-large',
    ],
    ['bytes that are no text', 'openapi: 3.1.0\u0000', 'contract-unreadable'],
  ])('%s', async (_, text, reason) => {
    const base = repository.commit({ [contract]: one, keep: 'x' })
    repository.commit({ [contract]: text })
    expect(await refused({ base })).toBe(reason)
  })

  test('a base that is not in the clone', async () => {
    repository.commit({ [contract]: one })
    expect(await refused({ base: 'f'.repeat(40) })).toBe('contract-base-missing')
  })

  test('a hostile expression is not run', async () => {
    const evil = (more: string) =>
      one.replace('{ type: string }', `{ type: string, pattern: "^(a+)+$${more}" }`)
    const base = repository.commit({ [contract]: evil('') })
    repository.commit({ [contract]: evil('|b') })
    const started = performance.now()
    expect((await answered({ base })).judged[0]?.finding.id).toBe('response-property-pattern-changed')
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
