import { describe, expect, it } from 'vitest'
import { type Clock, type Digest, err, type Fault, ok, unwrap } from '../../release/index.ts'
import type { Kube, KubeObject } from '../kube.ts'
import { type FlaggerGate, httpFlaggerGate, stopFlagger } from './stop-flagger.ts'

const good = `sha256:${'a'.repeat(64)}` as Digest
const next = `sha256:${'b'.repeat(64)}` as Digest
const missing: Fault = { blame: 'user', reason: 'cluster-object-missing', cause: 'none', next: 'look' }
const refusal: Fault = { blame: 'world', reason: 'flagger-gate-refused', cause: 'answered 502', next: 'look' }

function deployment(name: string, digest: Digest, owner?: object): KubeObject {
  const template = { spec: { containers: [{ name: 'api', image: `registry.example.com/api@${digest}` }] } }
  return {
    metadata: {
      name,
      uid: name,
      generation: 1,
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: { selector: { matchLabels: { app: name } }, template },
    status: { observedGeneration: 1 },
  } as KubeObject
}

/** A cluster at each second: the phase of its Canary is all that moves. */
function world(phaseAt: (seconds: number) => string, answers: () => Fault | undefined = () => undefined) {
  let now = Date.parse('2026-11-17T10:00:00Z')
  const began = now
  const said: string[] = []
  const clock: Clock = {
    now: () => new Date(now),
    sleep: async (ms) => {
      now += ms
    },
  }
  const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'api', uid: 'c' }
  const objects = (): Readonly<Record<string, KubeObject>> => ({
    'deployments/api': deployment('api', next),
    'deployments/api-primary': deployment('api-primary', good, owner),
    'canaries/api': {
      metadata: { name: 'api' },
      spec: { analysis: { interval: '10s' } },
      status: { phase: phaseAt((now - began) / 1_000), canaryWeight: 0 },
    } as KubeObject,
  })
  const kube = {
    server: 'cluster',
    get: async (path: string) => {
      const found = Object.entries(objects()).find(([key]) => path.endsWith(`/${key}`))
      return found === undefined ? err({ ...missing, status: 404 }) : ok(found[1])
    },
    list: async () => ok({ resourceVersion: '1', items: [] }),
  } as unknown as Kube
  const gate: FlaggerGate = {
    open: async () => {
      const fault = answers()
      if (fault === undefined) said.push(`open at ${(now - began) / 1_000}`)
      return fault === undefined ? ok(true) : err(fault)
    },
    close: async () => {
      said.push('close')
      return ok(true)
    },
  }
  const context = { kube, clock, gate, signal: AbortSignal.timeout(60_000) }
  const stop = () =>
    stopFlagger(context, { namespace: 'shop', name: 'api', container: 'api' }, { digest: next })
  return { stop, said }
}

describe('stopping a canary of Flagger', () => {
  it('opens the hook, waits for Failed and shuts it', async () => {
    const { stop, said } = world((seconds) => (seconds < 8 ? 'Progressing' : 'Failed'))
    expect(unwrap(await stop())).toMatchObject({ seconds: 8, seen: expect.stringContaining('serves 0 %') })
    expect(said).toEqual(['open at 0', 'close'])
  })

  it('opens it again after each interval, since the gate keeps it in memory, and gives up', async () => {
    const { stop, said } = world(() => 'Progressing')
    expect(await stop()).toMatchObject({ ok: false, fault: { reason: 'flagger-stop-not-effective' } })
    expect(said).toEqual([...[0, 10, 20, 30, 40, 50, 60].map((at) => `open at ${at}`), 'close'])
  })

  it('says when Flagger has gone on to promote, and shuts the hook', async () => {
    const { stop, said } = world((seconds) => (seconds < 5 ? 'Progressing' : 'Promoting'))
    expect(await stop()).toMatchObject({ ok: false, fault: { reason: 'flagger-not-stopped' } })
    expect(said).toEqual(['open at 0', 'close'])
  })

  it('does not open the hook for what cannot be stopped any more', async () => {
    const { stop, said } = world(() => 'Finalising')
    expect(await stop()).toMatchObject({ ok: false, fault: { reason: 'flagger-not-stopped' } })
    expect(said).toEqual([])
  })

  it('says when the gate does not take the request, which has opened nothing', async () => {
    const { stop, said } = world(
      () => 'Progressing',
      () => refusal,
    )
    expect(await stop()).toMatchObject({ ok: false, fault: { reason: 'flagger-gate-refused' } })
    expect(said).toEqual([])
  })
})

describe('the gate behind the hook', () => {
  const signal = AbortSignal.timeout(60_000)

  it('is told the Canary by name and namespace', async () => {
    const asked: unknown[] = []
    const gate = httpFlaggerGate(async (url, init) => {
      asked.push([String(url), init?.method, JSON.parse(String(init?.body))])
      return new Response(null, { status: 202 })
    }, 'https://gates.example.com/rollback/')
    unwrap(await gate.open('api', 'shop', signal))
    unwrap(await gate.close('api', 'shop', signal))
    const body = { name: 'api', namespace: 'shop' }
    expect(asked).toEqual([
      ['https://gates.example.com/rollback/open', 'POST', body],
      ['https://gates.example.com/rollback/close', 'POST', body],
    ])
  })

  it.each([
    ['an answer that is no success', async () => new Response(null, { status: 404 }), /answered 404/],
    [
      'no answer',
      async () => {
        throw new Error('connection refused')
      },
      /connection refused/,
    ],
  ])('is refused by %s', async (_, fetch, cause) => {
    const answer = await httpFlaggerGate(fetch, 'https://gates.example.com').open('api', 'shop', signal)
    expect(answer).toMatchObject({
      ok: false,
      fault: { reason: 'flagger-gate-refused', cause: expect.stringMatching(cause) },
    })
  })
})
