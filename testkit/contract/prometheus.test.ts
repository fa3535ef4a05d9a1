import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../http/index.ts'
import {
  formatNumber,
  type PrometheusStandIn,
  parseExposition,
  parseNumber,
  parseSelector,
  startPrometheus,
} from '../prometheus/index.ts'
import { type ExpositionServer, startExposition } from './exposition-server.ts'
import { describePrometheusContract } from './prometheus-contract.ts'

let exposition: ExpositionServer
let prometheus: PrometheusStandIn
beforeAll(async () => {
  exposition = await startExposition()
  prometheus = await startPrometheus({ scrape: [{ url: exposition.url, intervalMs: 100 }] })
})
afterAll(async () => {
  await prometheus.close()
  await exposition.close()
})

describePrometheusContract('testkit/prometheus', () => ({ url: prometheus.url, expose: exposition.set }))

describe('testkit/prometheus', () => {
  it.each([
    'rate(http_requests_total[5m])',
    'sum by (pod) (up)',
    'up offset 5m',
    'up @ 100',
    'up + 1',
    'up == 1',
    'max_over_time(up[5m:1m])',
    'up[5m:1m]',
    '42',
    '"text"',
    '(up)',
    '-up',
  ])('answers 501 to PromQL it does not calculate: %s', async (query) => {
    const response = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query })}`)
    expect(response.status).toBe(501)
  })

  it('answers 501 to other routes', async () => {
    expect((await fetch(`${prometheus.url}/api/v1/query_range?query=up`)).status).toBe(501)
  })

  it('forgets a value after five minutes without a new one, but not its samples', async () => {
    const clock = manualClock({ start: new Date('2026-01-06T09:00:00Z') })
    const server = await startPrometheus({ clock })
    server.append({ __name__: 'x', pod: 'a' }, 1)
    const count = async (query: string) => {
      const response = await fetch(`${server.url}/api/v1/query?${new URLSearchParams({ query })}`)
      return ((await response.json()) as { data: { result: unknown[] } }).data.result.length
    }
    await clock.advance(299_000)
    expect([await count('x'), await count('x[35m]')]).toEqual([1, 1])
    await clock.advance(2_000)
    expect([await count('x'), await count('x[35m]')]).toEqual([0, 1])
    await server.close()
  })
})

describe('the text format', () => {
  const value = fc.oneof(fc.double(), fc.integer())
  const labels = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/), fc.string(), { maxKeys: 4 })
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  it('reads back what was written', () => {
    fc.assert(
      fc.property(labels, value, (given, number) => {
        const list = Object.entries(given).map(([name, text]) => `${name}="${escaped(text)}"`)
        const [sample] = parseExposition(`# HELP x y\nx{${list.join(',')}} ${formatNumber(number)}\n`)
        expect(sample).toMatchObject({ name: 'x', labels: { ...given } })
        expect(Object.is(sample?.value, Object.is(number, -0) ? 0 : number)).toBe(true)
      }),
    )
  })

  it.each(['x{', 'x{a="b} 1', 'x', 'x{a=b} 1', '1x 2', 'x 1 2 3', 'x one'])('refuses %s', (line) => {
    expect(() => parseExposition(line)).toThrow()
  })

  it('reads a selector or says what it is instead, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab{}[]="~!,.5m(|) \\') }), (query) => {
        expect(['selector', 'unsupported', 'error']).toContain(parseSelector(query).kind)
      }),
    )
    expect(parseNumber('0x10')).toBeUndefined()
  })
})
