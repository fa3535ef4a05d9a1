import { beforeAll, describe, expect, it } from 'vitest'

export interface PrometheusTarget {
  readonly url: string
  /** What the scraped target exposes from now on; undefined makes it answer 500. */
  expose(text: string | undefined): void
}

interface Result {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

interface Answer {
  readonly status: string
  readonly errorType?: string
  readonly error?: string
  readonly data?: { readonly resultType: string; readonly result: readonly Result[] }
}

const first = `# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{pod="a",code="200"} 10
http_requests_total{pod="a",code="500"} 1
http_requests_total{pod="ab",code="200"} 5
odd{path="C:\\\\x \\"y\\"\\nz",job="own"} 0.1
edge{n="inf"} +Inf
edge{n="nan"} NaN
edge{n="big"} 1e21
edge{n="small"} 1e-7
edge{n="negative"} -2.5
`
const second = `http_requests_total{pod="a",code="200"} 20
http_requests_total{pod="a",code="500"} 1
`

/** The same exposition, scraped and asked for in the same words: the same series come back. */
export function describePrometheusContract(name: string, target: () => PrometheusTarget): void {
  async function ask(
    query: string,
    extra: Record<string, string> = {},
    method = 'GET',
  ): Promise<{ status: number; body: Answer }> {
    const form = new URLSearchParams({ query, ...extra })
    const url = `${target().url}/api/v1/query`
    const response =
      method === 'GET' ? await fetch(`${url}?${form}`) : await fetch(url, { method, body: form })
    return { status: response.status, body: (await response.json()) as Answer }
  }
  const results = async (query: string, extra: Record<string, string> = {}) =>
    (await ask(query, extra)).body.data?.result ?? []
  const values = async (query: string) =>
    Object.fromEntries(
      (await results(query)).map(({ metric, value }) => [`${metric.pod}/${metric.code}`, value?.[1]]),
    )

  async function until(what: string, probe: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 30_000
    while (!(await probe())) {
      if (Date.now() > end) throw new Error(`not within 30 s: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  describe(`a Prometheus server: ${name}`, () => {
    let firstSeen = 0
    beforeAll(async () => {
      target().expose(first)
      await until('the first scrape', async () => (await results('http_requests_total')).length === 3)
      firstSeen = Date.now() / 1000
    }, 60_000)

    it('is ready and names its version', async () => {
      expect((await fetch(`${target().url}/-/ready`)).status).toBe(200)
      const info = (await (await fetch(`${target().url}/api/v1/status/buildinfo`)).json()) as {
        status: string
        data: { version: string }
      }
      expect(info.status).toBe('success')
      expect(typeof info.data.version).toBe('string')
    })

    it('answers an instant selector with one value per series, at the time asked for', async () => {
      const time = String(Math.round(Date.now()) / 1000)
      const { status, body } = await ask('http_requests_total{pod="a",code="200"}', { time })
      expect([status, body.status, body.data?.resultType]).toEqual([200, 'success', 'vector'])
      const [result] = body.data?.result ?? []
      expect(result?.metric).toMatchObject({ __name__: 'http_requests_total', pod: 'a', code: '200' })
      expect(Object.keys(result?.metric ?? {}).sort()).toEqual(['__name__', 'code', 'instance', 'job', 'pod'])
      expect(result?.value).toEqual([Number(time), '10'])
    })

    it.each([
      ['http_requests_total{pod=~"a"}', ['a/200', 'a/500']],
      ['http_requests_total{pod=~"a.*"}', ['a/200', 'a/500', 'ab/200']],
      ['http_requests_total{pod!="a"}', ['ab/200']],
      ['http_requests_total{pod!~"a|b",code=~"5..|2.."}', ['ab/200']],
      ['http_requests_total{code=~"5..",missing=""}', ['a/500']],
      ['{__name__="http_requests_total", code="500",}', ['a/500']],
      ["http_requests_total{pod='ab'}", ['ab/200']],
      ['http_requests_total{missing="x"}', []],
      ['no_such_metric', []],
    ])('selects %s', async (query, expected) => {
      expect(Object.keys(await values(query)).sort()).toEqual(expected)
    })

    it('prints numbers and keeps odd labels', async () => {
      const edges = Object.fromEntries(
        (await results('edge')).map(({ metric, value }) => [metric.n, value?.[1]]),
      )
      expect(edges).toEqual({ inf: '+Inf', nan: 'NaN', big: '1e+21', small: '1e-07', negative: '-2.5' })
      const [odd] = await results('odd')
      expect(odd?.metric.path).toBe('C:\\x "y"\nz')
      expect(odd?.metric.exported_job).toBe('own')
      expect(odd?.value?.[1]).toBe('0.1')
    })

    it('takes a POST form and answers nothing for a time before the first sample', async () => {
      expect((await ask('http_requests_total', {}, 'POST')).body.data?.result).toHaveLength(3)
      const time = new Date((firstSeen - 3600) * 1000).toISOString()
      expect((await ask('http_requests_total', { time })).body.data).toEqual({
        resultType: 'vector',
        result: [],
      })
      expect((await ask('http_requests_total[5m]', { time })).body.data).toEqual({
        resultType: 'matrix',
        result: [],
      })
    })

    it.each([
      ['a query that is none', 'http_requests_total{', {}],
      ['an empty query', '', {}],
      ['no matcher at all', '{}', {}],
      ['only matchers of nothing', '{x=~".*"}', {}],
      ['a bad range', 'http_requests_total[5x]', {}],
      ['a bad time', 'up', { time: 'yesterday' }],
      ['a bad regular expression', 'up{x=~"("}', {}],
    ])('refuses %s', async (_name, query, extra) => {
      const { status, body } = await ask(query, extra)
      expect([status, body.status, body.errorType]).toEqual([400, 'error', 'bad_data'])
      expect(body.error).toBeTruthy()
    })

    it('keeps raw samples of a range, and ends a series that is no longer exposed', async () => {
      target().expose(second)
      await until('the second scrape', async () => (await values('http_requests_total'))['a/200'] === '20')
      expect(Object.keys(await values('http_requests_total')).sort()).toEqual(['a/200', 'a/500'])
      const { body } = await ask('http_requests_total[5m]')
      expect(body.data?.resultType).toBe('matrix')
      const series = Object.fromEntries(
        (body.data?.result ?? []).map((result) => [
          `${result.metric.pod}/${result.metric.code}`,
          result.values ?? [],
        ]),
      )
      expect(Object.keys(series).sort()).toEqual(['a/200', 'a/500', 'ab/200'])
      const seen = (series['a/200'] ?? []).map(([, value]) => value)
      expect([...new Set(seen)]).toEqual(['10', '20'])
      for (const samples of Object.values(series)) {
        const times = samples.map(([time]) => time)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
      }
      // The ended series has its samples still, and none from after its end.
      const ended = series['ab/200'] ?? []
      const switched = series['a/200']?.find(([, value]) => value === '20')?.[0] ?? 0
      expect(ended.length).toBeGreaterThan(0)
      expect(ended.every(([time, value]) => value === '5' && time < switched)).toBe(true)
    })

    it('reckons what a counter has grown by, and nothing where there is none', async () => {
      const [grown] = await results('sum(increase(http_requests_total{pod="a"}[5m]))')
      expect(grown?.metric).toEqual({})
      // Ten in the samples; at both ends of them up to half a step may be added.
      expect(Number(grown?.value?.[1])).toBeGreaterThanOrEqual(10)
      expect(Number(grown?.value?.[1])).toBeLessThan(20)
      expect(await results('sum(increase(no_such_metric[5m]))')).toEqual([])
      expect((await ask('sum(increase(up))')).status).toBe(400)
    })

    it('counts a sample at the very start of a range as part of it', async () => {
      const [series] = await results('up[1m]')
      const time = series?.values?.[0]?.[0] ?? 0
      const at = async (later: number) =>
        (await results('up[10s]', { time: (time + later).toFixed(3) }))[0]?.values?.[0]?.[0]
      expect(await at(10)).toBe(time)
      expect(await at(10.001)).not.toBe(time)
    })

    it('ends all series of a target that fails, and says so in up', async () => {
      expect((await results('up')).map(({ value }) => value?.[1])).toEqual(['1'])
      target().expose(undefined)
      await until('up to be 0', async () => (await results('up'))[0]?.value?.[1] === '0')
      expect(await results('http_requests_total')).toEqual([])
      target().expose(second)
      await until('the series to come back', async () => (await results('http_requests_total')).length === 2)
    }, 60_000)
  })
}
