import { describe, expect, it } from 'vitest'
import { checkRequest, type RolloutContext } from './request.ts'

const runner = { sha: 'a'.repeat(40), actor: 'ada' }
const digest = `sha256:${'1'.repeat(64)}`
const inputs = (over: Record<string, unknown>) =>
  ({ wait: 600_000, config: 'tuesday.yaml', ...over }) as unknown as RolloutContext['inputs']

describe('a mode without what it needs is refused, all of it in one message', () => {
  it.each([
    ['adopt', {}, ['environment', 'person']],
    ['stage', {}, ['environment', 'digest']],
    ['approve', {}, ['person']],
    ['observe', {}, ['environment']],
    ['next', {}, ['facts']],
    ['record', {}, ['transition', 'outcome']],
    ['hold', { environment: 'prod-us' }, ['person', 'reason']],
    ['resume', {}, ['person', 'reason']],
    ['halt', { person: 'ada' }, ['reason']],
  ])('%s', (mode, given, missing) => {
    const result = checkRequest(inputs({ mode, ...given }), runner)
    expect(result).toMatchObject({ ok: false, fault: { reason: 'invalid-input', blame: 'user' } })
    for (const name of missing) expect(result.ok || result.fault.cause).toContain(`\`${name}\``)
  })
})

it('takes source, configuration and author from the run where they are not given', () => {
  const stage = checkRequest(inputs({ mode: 'stage', environment: 'staging', digest }), runner)
  expect(stage).toMatchObject({
    ok: true,
    value: { sourceSha: runner.sha, configSha: runner.sha, author: 'ada', digest, waitMs: 600_000 },
  })
})

it('tells the configuration of a release apart from its source', () => {
  const given = {
    mode: 'stage',
    environment: 'staging',
    digest,
    'source-sha': 'b'.repeat(40),
    'config-sha': 'c'.repeat(40),
  }
  expect(checkRequest(inputs(given), runner)).toMatchObject({
    ok: true,
    value: { sourceSha: 'b'.repeat(40), configSha: 'c'.repeat(40) },
  })
})

it('ends a halt when no region is named, and a hold when one is', () => {
  const common = { mode: 'resume', person: 'ada', reason: 'over' }
  const halt = checkRequest(inputs(common), runner)
  expect(halt.ok && halt.value).not.toHaveProperty('region')
  expect(checkRequest(inputs({ ...common, environment: 'prod-us' }), runner)).toMatchObject({
    value: { region: 'prod-us' },
  })
})
