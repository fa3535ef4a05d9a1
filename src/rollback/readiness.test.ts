import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unwrap } from '../release/index.ts'
import { preflight } from './index.ts'
import { readinessOf } from './readiness.ts'
import { blueGreen, canary, deployment, fresh, good, settled } from './testing/live.ts'
import { baseline, digestOf, openSite, regions, type TestSite } from './testing/site.ts'

const fast = { rollbackWindow: 3, keptSeconds: 3600, history: 5, view: settled, specDigest: good } as const

describe('how a workload would be brought back', () => {
  it.each<[string, Parameters<typeof readinessOf>[0], readonly (string | RegExp)[]]>([
    ['a canary with everything', canary(fast), []],
    ['one whose history is short', canary({ ...fast, history: 1 }), [/revisionHistoryLimit is 1/]],
    ['one without a rollbackWindow', canary({ ...fast, rollbackWindow: 0 }), [/no rollbackWindow/]],
    ['one whose old pods are gone in 30 s', canary({ ...fast, keptSeconds: 30 }), [/gone 30 s after/]],
    [
      'one that says nothing of it',
      canary((({ keptSeconds: _, ...rest }) => rest)(fast)),
      [/gone 30 s after/],
    ],
    ['one without a router needs no old pods up', canary({ ...fast, router: 'none', keptSeconds: 30 }), []],
    ['one that is paused', canary({ ...fast, pausedByPerson: true }), [/spec\.paused/]],
    [
      'one whose abort never ends',
      canary({ ...fast, dynamicStableScale: true, abortDelaySaid: true }),
      [/never ends/],
    ],
    [
      'one without the ReplicaSet to go back to',
      canary({ ...fast, specDigest: digestOf(9), arms: [fresh] }),
      [/no ReplicaSet/],
    ],
    ['blue-green with everything', blueGreen({ ...fast }), []],
    ['blue-green by default', blueGreen({ ...fast, keptSeconds: 30 }), [/gone 30 s after/]],
    ['a Deployment that starts quickly', deployment({ history: 10, specDigest: good }), []],
    [
      'a Deployment that starts one slow pod after the other',
      deployment({ specDigest: good, replicas: 8, surge: { maxUnavailable: 0, maxSurge: 1 } }),
      [/8 rounds of 5 s/],
    ],
  ])('%s', (_, live, words) => {
    const { hindrances } = readinessOf(live, good)
    expect(hindrances).toHaveLength(words.length)
    for (const [index, each] of words.entries()) expect(hindrances[index]?.what).toMatch(each)
    for (const { yaml } of hindrances) expect(yaml).toMatch(/^spec:\n {2}\w/)
  })
})

describe('before a release', () => {
  let site: TestSite
  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(() => site.close())

  it('fails with the lines that mend a chart, and passes with them in it', async () => {
    const failed = unwrap(await preflight(site.context(), 'all'))
    expect(failed).toMatchObject({ verdict: 'fail', reason: 'rollback-not-fast' })
    expect(failed.next).toContain('rollbackWindow:\n    revisions: 3')
    expect(failed.next).toContain('scaleDownDelaySeconds: 3600')
    for (const region of regions) await site.mend(region)
    const passed = unwrap(await preflight(site.context(), 'all'))
    expect(passed, JSON.stringify(passed.regions)).toMatchObject({ verdict: 'pass' })
    expect(site.lines.join('\n')).toMatch(/us: api: on its way = A: abort, by weight; promoted = G/)
  })

  it('fails where nothing was verified: adopt comes first; an unreadable cluster is unknown', async () => {
    await site.commit([{ type: 'vetoed', digest: baseline, why: 'bad' }])
    const none = unwrap(await preflight(site.context(), ['us']))
    expect(none).toMatchObject({ verdict: 'fail', reason: 'region-not-adopted' })
    expect(none.next).toContain('adopt')
    expect(await preflight(site.context(), ['mars'])).toMatchObject({
      fault: { reason: 'environment-unknown' },
    })
  })

  it('is unknown where a cluster cannot be read', async () => {
    const fault = { blame: 'world', reason: 'cluster-unreachable', cause: 'no route', next: 'later' } as const
    const away = unwrap(await preflight(site.context({ kube: async () => ({ ok: false, fault }) }), ['us']))
    expect(away).toMatchObject({ verdict: 'unknown', reason: 'facts-missing' })
    expect(away.why).toContain('no route')
  })
})
