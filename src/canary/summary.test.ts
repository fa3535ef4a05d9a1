import { describe, expect, it } from 'vitest'
import type { GateOutcome } from './gate/options.ts'
import { gateRecord } from './gate/record.ts'
import { conclude } from './judge/verdict.ts'
import { judgePolicy } from './policy.ts'
import { summaryOf } from './summary.ts'

const start = new Date('2026-11-17T14:00:00Z')
const blocks = Array.from({ length: 60 }, (_, at) => ({
  metrics: { errors: [{ nc: 900, ec: at < 27 ? 1 : 9, ns: 17_100, es: 17 }] },
}))
const judgement = conclude(judgePolicy(['errors'], 120), blocks, { errors: [{ n: 1_000_000, e: 1_000 }] })
const weights = [
  { at: start.getTime(), weight: 5 },
  { at: start.getTime() + 200_000, weight: 25 },
]

function summary(onCancel: 'leave' | 'abort', blockMs = 15_000, service?: { state: string; why: string }) {
  const options = { digest: 'sha256:abc', target: { name: 'api' }, blockMs, onCancel }
  const decisions = [{ at: '2026-11-17T14:07:30Z', weight: 25, what: 'abort: errors' }]
  const record = gateRecord(options, { evidenceStart: start, weights }, judgement, 25, decisions)
  const outcome: GateOutcome = {
    verdict: 'fail',
    reason: 'canary-worse',
    why: 'api: worse',
    record: { ...record, ...(service === undefined ? {} : { service }) },
  }
  return summaryOf(outcome)
    .map(({ title, body }) => `## ${title}\n${body}`)
    .join('\n')
}

describe('the summary of a canary', () => {
  it('shows each metric of both arms, what was seen against its limit over time, the weights, and why', () => {
    const text = summary('leave')
    const last = judgement.looks.at(-1)
    expect(last?.alarm).toBeDefined()
    const { nc, ec, ns, es } = last?.metrics[0]?.counts ?? { nc: 0, ec: 0, ns: 0, es: 0 }
    expect(ec).toBeGreaterThan(40)
    expect(text).toContain(`| errors | ${ec} of ${nc} (0.`)
    expect(text).toContain(`| ${es} of ${ns} (0.099 %) |`)
    expect(text).toContain('Aborts at ln E ≥ 4.61')
    expect(text).toMatch(/\| 15 \| 5 % \| -?[\d.]+ \| ░{10} \|/)
    expect(text).toMatch(new RegExp(`\\| ${15 * (last?.block ?? 0)} \\| 25 % \\| [\\d.]+ \\| █{10} \\|`))
    expect(text).toContain(`Why: errors: canary ${ec} of ${nc} requests bad`)
    expect(text).toContain('- 2026-11-17T14:07:30Z at 25 %: abort: errors')
  })

  it.each([
    ['leave', 'is left where it is'],
    ['abort', 'is aborted'],
  ] as const)('says what a cancelled job does to the rollout: %s', (onCancel, said) => {
    expect(summary(onCancel)).toContain(`When the job is cancelled, the rollout ${said}.`)
  })

  it('says when blocks are shorter than in production, and how the service is', () => {
    expect(summary('leave')).not.toContain('Blocks are')
    expect(summary('leave', 1_000, { state: 'quiet', why: '80 % of the error budget left' })).toMatch(
      /Service: 80 % of the error budget left\.\n\nBlocks are 1 s long/,
    )
  })
})
