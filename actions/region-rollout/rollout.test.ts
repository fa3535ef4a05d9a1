import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/system/index.ts'
import { tick } from '../../src/train/index.ts'
import { accessOf } from './access.ts'
import {
  adoptWhenReady,
  attempt,
  config,
  configSha,
  context,
  fresh,
  look,
  nextUntil,
  promoteFully,
  receivers,
  regions,
  run,
  setUp,
  signal,
  step,
  tearDown,
  wait,
  warnings,
} from './testing.ts'

describe('a release on the stand-ins', () => {
  beforeAll(setUp)
  afterAll(tearDown)

  it('is staged, approved, carried through its first region, and waits for the next day', async () => {
    for (const environment of regions) await adoptWhenReady(environment)
    const staged = await run('stage', { environment: 'staging', digest: fresh, 'source-sha': configSha })
    expect(staged).toMatchObject({ verdict: 'pass', outputs: { release: 'r1', digest: fresh } })
    const proposed = await run('propose', { digest: fresh })
    expect(await run('next', { facts: await look() })).toMatchObject({
      verdict: 'wait',
      reason: 'approval-missing',
    })
    await run('approve', { person: 'grace', plan: proposed.outputs?.plan })

    const migrate = await run('next', { facts: await look() })
    expect(migrate).toMatchObject({ outputs: { step: 'migrate', region: 'prod-us', release: 'r1' } })
    await run('record', { transition: migrate.outputs?.transition, outcome: 'pass', reason: 'nothing to do' })
    expect(await run('next', { facts: await look() })).toMatchObject({
      outputs: { step: 'pin', region: 'prod-us' },
    })

    const canary = await nextUntil(step('canary'))
    await promoteFully('prod-us')
    await run('record', { transition: canary.outputs?.transition, outcome: 'pass', reason: 'no difference' })
    await nextUntil(step('pin'))
    const baking = await nextUntil(step('bake'))
    expect(baking.outputs).toMatchObject({ region: 'prod-us', release: 'r1', digest: fresh })
    wait(31 * 60_000)
    const verified = await nextUntil((o) => o.reason === 'region-verified')
    expect(verified.verdict).toBe('pass')
    expect(await run('next', { facts: await look() })).toMatchObject({
      verdict: 'wait',
      outputs: { step: 'none' },
    })
    const status = await run('status')
    expect(status.summary?.[0]?.body).toContain('prod-us')
    const paged = await run('status', { page: 'out/train.html' })
    const html = await readFile(String(paged.outputs?.page), 'utf8')
    expect(html).toMatch(/<th>prod-us<\/th>.*verified/s)
    expect(html).toMatch(/<th>prod-ap<\/th>.*expected/s)
    // The service's own commit was read from its repository.
    expect(html).toMatch(/change lead time, first region<\/td><td>median .* \(1 commits\)/)
    const [top] = receivers.slack
    expect(top?.text).toContain('prod-us: steady')
    expect(
      receivers.slack
        .filter(({ thread }) => thread === top?.ts)
        .map(({ text }) => text.replace(/ \(<.*/, '')),
    ).toEqual([
      `ada proposes r1 for ${regions.join(', ')}`,
      'grace approves r1',
      'r1 starts in prod-us',
      'r1 is in its canary in prod-us',
      'r1 serves in prod-us and bakes',
      ':white_check_mark: r1 is verified in prod-us',
    ])
  })

  it.each<[string, string, Record<string, unknown>, string]>([
    ['an unknown region', 'observe', { environment: 'prod-uss' }, 'environment-unknown'],
    ['facts that nobody observed', 'next', { facts: { region: 'prod-us' } }, 'facts-invalid'],
    ['a missing tuesday.yaml', 'status', { config: 'thursday.yaml' }, 'config-missing'],
    [
      'a GitOps repository that is not there',
      'status',
      { 'gitops-url': 'file:///nonexistent.git' },
      'gitops-repository-missing',
    ],
    [
      'another clock for a server elsewhere',
      'next',
      { facts: [], 'gitops-url': 'https://github.com/acme/x.git' },
      'clock-not-allowed',
    ],
  ])('is not touched by %s', async (_name, mode, inputs, reason) => {
    expect(await attempt(mode, inputs)).toMatchObject({ ok: false, fault: { reason } })
  })

  it('tells who proposes a release what tuesday.yaml allows and probably does not want', async () => {
    const file = join(context({}).runner.workspace, 'tuesday.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(/^( +)required: 1/m, '$1required: 0'))
    warnings.length = 0
    await attempt('propose', { digest: fresh })
    await writeFile(file, text)
    expect(warnings).toEqual(['`approvals.required` is 0: a release reaches production unseen.'])
  })

  it('says what could not be read, and hands over the rest', async () => {
    const clock = systemClock()
    const dark = context({ mode: 'observe', environment: 'prod-us' })
    const access = accessOf(dark, true)
    const observer = tick.observer(
      config,
      {
        ...access,
        prometheus: async () => ({
          ok: false,
          fault: { blame: 'world', reason: 'prometheus-unreachable', cause: 'no answer', next: 'look' },
        }),
      },
      clock,
    )
    const region = config.environments['prod-us']
    if (region === undefined) throw new Error('no prod-us')
    const facts = await observer.observe(region, signal)
    expect(facts.unreadable).toEqual(['no answer'])
    expect(facts.alarms).toBeUndefined()
    expect(facts.workloads?.length).toBe(3)
  })
})
