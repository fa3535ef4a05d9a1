import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { unwrap } from '../../release/index.ts'
import { parseReplayLine } from './file.ts'
import { replay, replayByBlock } from './replay.ts'

type Line = Record<string, unknown>
const parse = (line: Line | string) =>
  parseReplayLine(typeof line === 'string' ? line : JSON.stringify(line), 7, 'month.jsonl')
const judged = (line: Line) => replay(unwrap(parse({ id: 'r', ...line })))

const counts = (nc: number, ec: number, ns: number, es: number) => ({ nc, ec, ns, es })
const errors = (...of: Parameters<typeof counts>) => ({ metrics: { errors: counts(...of) } })
const repeat = <T>(blocks: number, of: T) => Array.from({ length: blocks }, () => of)
const fine = errors(900, 1, 17_100, 17)
const bad = errors(900, 9, 17_100, 17)
const history = { errors: { n: 1_000_000, e: 1_000 } }
const gone = { metrics: {} }

describe('a replay', () => {
  it('gives the published vectors to six digits', () => {
    const blocks = [
      errors(900, 9, 17_100, 17),
      errors(880, 7, 17_200, 15),
      errors(910, 10, 17_050, 20),
      errors(905, 0, 17_000, 0),
    ]
    // Without history the co-sign needs ln 100, so that all four blocks are judged.
    const seen = [1, 2, 3, 4].map(
      (last) => judged({ plannedBlocks: 120, blocks: blocks.slice(0, last) }).evidence.metrics?.errors?.lnE,
    )
    expect(seen.map((each) => each?.count)).toEqual([5.748112, 11.268374, 19.484853, 19.484853])
    expect(seen.map((each) => each?.share)).toEqual([0.562209, 1.436893, 2.578116, 2.578116])
  })

  const half = errors(900, 460, 17_100, 17)
  const pods = (a: number, b: number, c: number, base = 0) => ({
    ...errors(900, a + b + c, 17_100, 17 + base),
    pods: {
      a: { arm: 'canary', node: 'n1', errors: { n: 300, e: a } },
      b: { arm: 'canary', node: 'n2', errors: { n: 300, e: b } },
      c: { arm: 'canary', node: 'n3', errors: { n: 300, e: c } },
      s: { arm: 'stable', node: 'n1', errors: { n: 17_100, e: 17 + base } },
    },
  })

  it.each<[string, Line, string, string, number]>([
    ['a defect', { blocks: repeat(120, bad), history }, 'abort', 'canary-worse', 3],
    ['a defect without history', { blocks: repeat(120, bad) }, 'abort', 'canary-worse', 5],
    ['a good version', { blocks: repeat(120, fine), history }, 'promote', 'canary-good', 120],
    ['half of all requests failing', { blocks: repeat(9, half), history }, 'abort', 'canary-failing', 2],
    ['no block', { blocks: [] }, 'hold', 'canary-blind', 0],
    ['no scrape', { blocks: [{}, null, gone, { metrics: { errors: null } }] }, 'hold', 'canary-blind', 4],
    [
      'no scrape lately',
      { blocks: [...repeat(60, fine), ...repeat(3, gone)], history },
      'hold',
      'canary-blind',
      63,
    ],
    [
      'a few scrapes missing',
      { blocks: repeat(12, [...repeat(9, fine), gone]).flat(), history },
      'promote',
      'canary-good',
      120,
    ],
    [
      'some scrapes missing',
      { blocks: repeat(12, [...repeat(17, fine), ...repeat(2, gone)]).flat(), history },
      'inconclusive',
      'canary-too-few-samples',
      228,
    ],
    [
      'many scrapes missing',
      { blocks: repeat(40, [fine, fine, gone]).flat(), history },
      'hold',
      'canary-blind',
      120,
    ],
    [
      'no canary arm',
      { blocks: repeat(9, { metrics: { errors: { ns: 17_100, es: 17 } } }) },
      'hold',
      'canary-blind',
      9,
    ],
    [
      'no stable arm',
      { blocks: repeat(9, { metrics: { errors: { nc: 900, ec: 9, ns: null, es: null } } }) },
      'hold',
      'canary-blind',
      9,
    ],
    [
      'no request to the canary',
      { blocks: repeat(9, errors(0, 0, 100, 0)) },
      'inconclusive',
      'canary-too-few-requests',
      9,
    ],
    [
      'no request to the stable pods',
      { blocks: repeat(9, errors(900, 1, 0, 0)) },
      'inconclusive',
      'canary-too-few-requests',
      9,
    ],
    [
      'no request anywhere',
      { blocks: repeat(9, errors(0, 0, 0, 0)) },
      'inconclusive',
      'canary-too-few-requests',
      9,
    ],
    [
      'a canary that stopped to get requests',
      { blocks: [...repeat(20, fine), ...repeat(5, errors(0, 0, 18_000, 18))], history },
      'hold',
      'canary-blind',
      25,
    ],
    [
      'a night without any request at the end',
      { blocks: [...repeat(20, fine), ...repeat(5, errors(0, 0, 0, 0))], history },
      'promote',
      'canary-good',
      25,
    ],
    ['one bad pod', { blocks: repeat(40, pods(60, 0, 1)), history }, 'hold', 'canary-one-pod', 40],
    [
      'one bad pod at a base rate of 1 %',
      {
        blocks: repeat(40, pods(60, 3, 3, 154)),
        history: { errors: { n: 1_000_000, e: 10_000 } },
      },
      'hold',
      'canary-one-pod',
      40,
    ],
    [
      'a bad version on three pods',
      { blocks: repeat(40, pods(3, 4, 2)), history },
      'abort',
      'canary-worse',
      3,
    ],
    [
      'one pod that fails outright',
      { blocks: repeat(9, pods(300, 0, 0)), history },
      'hold',
      'canary-one-pod',
      9,
    ],
    [
      'one pod that spends the budget',
      {
        blocks: repeat(40, pods(60, 0, 1)),
        history,
        policy: { spend: { metric: 'errors', target: 0.999, periodEvents: 10_000_000 } },
      },
      'abort',
      'canary-budget',
      2,
    ],
    ...(
      [
        ['a service that burns', errors(900, 18, 17_100, 340), {}, 'hold', 'canary-service-burning'],
        ['a quiet service', fine, {}, 'promote', 'canary-good'],
        ['a spent budget', fine, { budgetLeft: -0.1 }, 'hold', 'canary-budget-spent'],
        ['a bad canary of a spent budget', half, { budgetLeft: -0.1 }, 'abort', 'canary-failing'],
      ] as const
    ).map(([name, block, more, verdict, reason]): [string, Line, string, string, number] => [
      name,
      {
        blocks: repeat(40, block),
        history: { errors: { n: 1_000_000, e: 20_000 } },
        policy: { service: { metric: 'errors', target: 0.999, ...more } },
      },
      verdict,
      reason,
      verdict === 'abort' ? 2 : 40,
    ]),
    [
      'a margin of its own',
      { blocks: repeat(120, bad), history, policy: { ratio: 12, delta: 0.02 } },
      'promote',
      'canary-good',
      120,
    ],
    [
      'a smaller alpha',
      { blocks: repeat(120, bad), history, policy: { alpha: 1e-9, strict: true } },
      'abort',
      'canary-worse',
      16,
    ],
    [
      'slow requests',
      {
        blocks: repeat(120, {
          metrics: { latency: [counts(900, 60, 17_100, 500), counts(900, 30, 17_100, 90)] },
        }),
      },
      'abort',
      'canary-worse',
      6,
    ],
    [
      'one of several metrics',
      {
        blocks: repeat(120, { metrics: { errors: fine.metrics.errors, checkout: bad.metrics.errors } }),
        history: { ...history, checkout: history.errors },
      },
      'abort',
      'canary-worse',
      3,
    ],
    [
      'a metric that was never scraped',
      { blocks: repeat(20, fine), history, policy: { metrics: { latency: {} } } },
      'hold',
      'canary-blind',
      20,
    ],
  ])('of %s', (_, line, verdict, reasonCode, block) => {
    expect(judged(line)).toMatchObject({ verdict, reasonCode, block, seconds: 15 * block })
  })

  it('names the smallest defect and the bad pod in its evidence', () => {
    const { evidence } = judged({ blocks: repeat(40, pods(60, 0, 1)), history })
    expect(evidence.suspect).toBe('a')
    expect(evidence.sufficiency?.[0]?.smallestDetectable).toBeGreaterThan(0.001)
  })

  const thin = errors(1, 0, 20, 0)
  it.each<[string, number, Line, string, RegExp]>([
    ['is extended once at the end of its plan', 120, {}, 'inconclusive', /extended once, to block 240/],
    ['is over with the extension', 240, {}, 'inconclusive', /extension is over/],
    ['holds then, if asked to', 240, { inconclusive: 'hold' }, 'hold', /policy says hold/],
    ['aborts then, if asked to', 240, { inconclusive: 'abort' }, 'abort', /policy says abort/],
    ['goes on then, if asked to', 240, { inconclusive: 'promote-with-warning' }, 'promote', /policy says/],
    [
      'says nothing of it before',
      60,
      { inconclusive: 'abort' },
      'inconclusive',
      /are needed to see a defect$/,
    ],
  ])('of too few requests %s', (_, blocks, policy, verdict, why) => {
    const found = judged({ plannedBlocks: 120, blocks: repeat(blocks, thin), policy })
    expect(found).toMatchObject({ verdict, reasonCode: 'canary-too-few-requests' })
    expect(found.evidence.why).toMatch(why)
  })

  it('rounds the fractions that `increase()` gives, and says so', () => {
    const { evidence } = judged({ blocks: repeat(9, errors(899.7, 1.2, 17_100.2, 17)) })
    expect(evidence).toMatchObject({ approximate: true, metrics: { errors: counts(8100, 9, 153_900, 153) } })
  })

  it('block by block ends like the whole', () => {
    const line = { id: 1, blocks: [...repeat(4, fine), ...repeat(20, bad)], history }
    const each = unwrap(parse(line))
    const seen = [...replayByBlock(each)]
    const whole = replay(each)
    expect(seen.map(({ block }) => block)).toEqual(seen.map((_, at) => at + 1))
    expect(seen.at(-1)).toMatchObject({ verdict: 'abort', block: whole.block, reasonCode: whole.reasonCode })
    expect(seen.slice(0, 4).map(({ verdict }) => verdict)).toEqual([
      'inconclusive', // 900 requests, 922 are needed
      ...repeat(3, 'promote'),
    ])
  })
})

describe('a line that is no rollout', () => {
  const block = (metric: unknown) => ({ id: 1, blocks: [{ metrics: { errors: metric } }] })
  it.each<[string, Line | string, RegExp]>([
    ['is no JSON', '{"id": 1,', /JSON/],
    ['has no blocks', { id: 1 }, /blocks is missing/],
    ['has no id', { blocks: [] }, /the line\.id/],
    ['has more bad requests than requests', block(counts(5, 9, 1, 0)), /blocks\[0\].*ec 9, nc 5/],
    ['counts below zero', block(counts(5, 0, -1, 0)), /blocks\[0\]\.metrics\.errors\.ns is -1/],
    ['has text for a number', block({ nc: '5', ec: 0, ns: 1, es: 0 }), /errors\.nc is "5"/],
    ['lacks a count', block({ nc: 5, ns: 1, es: 0 }), /errors\.ec is missing/],
    ['has a number for counts', block(5), /errors is 5, not an object/],
    ['has an empty list of cuts', block([]), /empty list/],
    ['has a policy nobody knows', { id: 1, blocks: [], policy: { alhpa: 0.1 } }, /policy.*alhpa/],
    ['has an alpha over 1', { id: 1, blocks: [], policy: { alpha: 1.5 } }, /policy\.alpha/],
    ['has no length of a block', { id: 1, blocks: [], blockSeconds: 0 }, /blockSeconds/],
    ['has a plan of no block', { id: 1, blocks: [], plannedBlocks: 0 }, /plannedBlocks/],
    [
      'has a pod of no arm',
      { id: 1, blocks: [{ ...fine, pods: { p: { arm: 'blue' } } }] },
      /pods\.p\.arm is "blue"/,
    ],
    [
      'has a pod with more bad requests than requests',
      { id: 1, blocks: [{ ...fine, pods: { p: { arm: 'canary', errors: { n: 1, e: 2 } } } }] },
      /pods\.p\.errors/,
    ],
    ['has a history of text', { id: 1, blocks: [], history: { errors: 'much' } }, /history\.errors/],
    [
      'has a metric named like what every object has',
      '{"id":1,"blocks":[{"metrics":{"__proto__":null}}]}',
      /no name/,
    ],
    [
      'caps the spend of a metric it has not',
      { id: 1, blocks: [fine], policy: { spend: { metric: 'x', target: 0.9, periodEvents: 9 } } },
      /spend\.metric names "x"/,
    ],
    [
      'compares nothing',
      { id: 1, blocks: [fine], policy: { metrics: { errors: { weight: 0 } } } },
      /weight 0/,
    ],
  ])('%s', (_, line, cause) => {
    const read = parse(line)
    expect(read).toMatchObject({
      ok: false,
      fault: { reason: 'canary-replay-invalid', at: { file: 'month.jsonl', line: 7 } },
    })
    expect(read.ok ? '' : read.fault.cause).toMatch(cause)
    expect(read.ok ? '' : read.fault.cause).toContain('Line 7 of month.jsonl')
  })

  it('is told from one, and judged or refused, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (blocks, policy) => {
        const read = parse({ id: 1, blocks: [blocks], policy } as Line)
        if (read.ok)
          expect(['hold', 'inconclusive', 'promote', 'abort']).toContain(replay(read.value).verdict)
        else expect(read.fault.cause).toContain('Line 7')
      }),
      { seed: 11, numRuns: 300 },
    )
  })
})

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const run = (text: string, ...more: string[]) => {
    const file = join(folder, 'month.jsonl')
    writeFileSync(file, text)
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['scripts/canary-replay.ts', file, ...more],
      {
        encoding: 'utf8',
      },
    )
    const lines = stdout.split('\n').filter((each) => each !== '')
    return { status, stderr, lines: lines.map((each) => JSON.parse(each) as Line) }
  }
  const good = JSON.stringify({ id: 'good', blocks: repeat(20, fine), history })
  const worse = JSON.stringify({ id: 'worse', blocks: repeat(20, bad), history })

  it('answers every line in its order, also one that is no rollout, and fails for that', () => {
    const broken =
      '{"id": "broken", "blocks": [{"metrics": {"errors": {"nc": 1, "ec": 2, "ns": 1, "es": 0}}}]}'
    const { status, lines, stderr } = run(`\uFEFF${good}\r\n\r\n${broken}\r\n${worse}`)
    expect(lines.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['good', 'promote'],
      ['broken', 'hold'],
      ['worse', 'abort'],
    ])
    expect(lines[1]).toMatchObject({ reasonCode: 'canary-replay-invalid', evidence: { line: 3 } })
    expect(stderr).toMatch(/Line 3 of .*ec 2, nc 1/)
    expect(status).toBe(1)
  })

  it('prints a line a block when asked to', () => {
    const { status, lines } = run(worse, '--by-block')
    expect(lines.map(({ block, verdict }) => [block, verdict])).toEqual([
      [1, 'inconclusive'],
      [2, 'hold'],
      [3, 'abort'],
    ])
    expect(status).toBe(0)
  })

  it('does not take a file without a rollout for a good one', () => {
    expect(run('\n')).toMatchObject({ status: 1, lines: [], stderr: expect.stringContaining('no rollout') })
  })
})
