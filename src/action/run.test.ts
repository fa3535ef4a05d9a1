import { describe, expect, test } from 'vitest'
import { FaultError } from '../release/index.ts'
import type { ActionContext } from './context.ts'
import { input } from './inputs.ts'
import { faultOutcome, type Outcome } from './outcome.ts'
import { defineAction } from './registry.ts'
import { execute } from './run.ts'
import { type RecordingHost, recordingHost } from './testing/host.ts'

const action = defineAction({
  name: 'probe',
  description: 'Probe.',
  inputs: {
    environment: input.text({ required: true, description: 'Where.' }),
    token: input.secret({ description: 'Token.' }),
  },
  outputs: { weight: 'Weight.', facts: 'Facts.' },
  state: { lock: 'Id of the lock.' },
})
type Probe = ActionContext<typeof action.inputs, 'lock'>

const given = { INPUT_ENVIRONMENT: 'prod-us' }
const done: Outcome<'weight' | 'facts'> = { verdict: 'pass', reason: 'done', message: 'Carried to prod-us.' }

async function run(
  handler: (context: Probe) => Promise<Outcome<'weight' | 'facts'>>,
  env: Record<string, string> = {},
  host: RecordingHost = recordingHost({ ...given, ...env }),
) {
  const code = await execute(action, handler, host, { cancelMs: 50 })
  return { code, ...host.told, result: JSON.parse(host.told.outputs.result ?? '') }
}

describe('before the handler', () => {
  test('wrong inputs stop the run with every output written and the handler never called', async () => {
    let called = false
    const handler = async () => {
      called = true
      return done
    }
    const { code, outputs, result, annotations, summary } = await run(handler, {
      INPUT_ENVIRONMENT: '',
      INPUT_X: '1',
    })
    expect([code, called]).toEqual([1, false])
    expect(outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'invalid-input', weight: '', facts: '' })
    expect(result).toMatchObject({ version: 1, action: 'probe', verdict: 'fail', reason: 'invalid-input' })
    expect(annotations).toHaveLength(1)
    expect(annotations[0]?.message).toMatch(
      /`environment` is missing.*\n.*`x` is not an input.*\nNext step: .*\nMore: /,
    )
    expect(summary).toMatch(/^### probe: fail \(invalid-input\)/)
  })

  test('secrets are masked before anything is printed, also when inputs are wrong', async () => {
    const { log, masked } = await run(async () => done, { INPUT_TOKEN: 'hunter2 hunter2', INPUT_X: '1' })
    expect(masked).toEqual(['hunter2 hunter2'])
    expect(log[0]).toBe('mask')
  })

  test('a run without a runner says which variables are missing', async () => {
    const { code, outputs, annotations } = await run(async () => done, { GITHUB_SHA: '' })
    expect([code, outputs['reason-code']]).toEqual([1, 'invalid-input'])
    expect(annotations[0]?.message).toMatch(/GITHUB_SHA not set/)
  })
})

describe('what the handler gets', () => {
  test('typed inputs, facts, state, and an environment without the inputs', async () => {
    const { code, outputs, state } = await run(
      async ({ inputs, runner, env, state, saveState }) => {
        saveState('lock', 'id-1')
        const seen = [
          inputs.environment,
          inputs['fail-on'],
          runner.repository,
          state('lock'),
          env.INPUT_TOKEN,
          env.A,
        ]
        return { ...done, outputs: { facts: seen.map(String), weight: 5 } }
      },
      { INPUT_TOKEN: 'secret-token', STATE_lock: 'id-0', A: 'a' },
    )
    expect(code).toBe(0)
    expect(JSON.parse(outputs.facts ?? '')).toEqual([
      'prod-us',
      'fail',
      'acme/delivery-service',
      'id-0',
      'undefined',
      'a',
    ])
    expect([outputs.weight, state]).toEqual(['5', { lock: 'id-1' }])
  })

  test('a log that shows what others print and runs none of it', async () => {
    const { log, annotations } = await run(async ({ logger }) => {
      logger.info('::set-output name=verdict::pass\nplain')
      await logger.group('Build', async () => logger.warn('##[error]x'))
      return done
    })
    expect(log.slice(0, 5)).toEqual([
      'line: : :set-output name=verdict::pass',
      'line: plain',
      'group: Build',
      'line: Warning: ## [error]x',
      'endgroup',
    ])
    expect(annotations).toEqual([{ level: 'warning', message: '##[error]x' }])
  })

  test('a job without the right to OIDC tokens is told which permission it lacks', async () => {
    const { code, annotations } = await run(async ({ idToken }) => {
      const token = await idToken('audience')
      return token.ok ? done : faultOutcome(token.fault)
    })
    expect(code).toBe(1)
    expect(annotations[0]?.message).toMatch(/id-token: write/)
  })
})

describe('what the outcome comes to', () => {
  test.each([
    ['pass', undefined, 0],
    ['wait', undefined, 0],
    ['wait', 'wait', 1],
    ['pass', 'wait', 0],
    ['fail', undefined, 1],
    ['unknown', undefined, 1],
  ] as const)('%s with fail-on %s exits %i', async (verdict, failOn, code) => {
    const env = failOn === undefined ? {} : { 'INPUT_FAIL-ON': failOn }
    expect((await run(async () => ({ ...done, verdict }), env)).code).toBe(code)
  })

  test('a good end says its sentence in the log and writes no summary of its own', async () => {
    const { log, summary, annotations } = await run(async () => done)
    expect([log, summary, annotations]).toEqual([['line: Carried to prod-us.'], '', []])
  })

  test('waiting says until when', async () => {
    const until = new Date('2026-01-02T03:04:05Z')
    const { log, result } = await run(async () => ({ ...done, verdict: 'wait', until }))
    expect(log.join('\n')).toContain('Ask again after 2026-01-02T03:04:05.000Z')
    expect(result.until).toBe('2026-01-02T03:04:05.000Z')
  })

  test('the world’s fault is unknown, says that trying again is safe, and stands at its place', async () => {
    const at = { file: 'tuesday.yaml', line: 3, column: 5 }
    const fault = {
      blame: 'world',
      reason: 'network-unreachable',
      cause: 'No answer.',
      likely: 'Down.',
      next: 'Wait.',
      at,
    } as const
    const { code, outputs, annotations } = await run(async () => faultOutcome(fault))
    expect([code, outputs.verdict]).toEqual([1, 'unknown'])
    expect(annotations).toHaveLength(1)
    expect(annotations[0]).toMatchObject({ level: 'error', title: 'probe: network-unreachable', ...at })
    expect(annotations[0]?.message).toMatch(
      /^No answer\.\nLikely reason: Down\.\nNext step: Wait\.\nNothing is known to be wrong.*again is safe\.\nMore: /s,
    )
  })

  test('a thrown fault is the fault, whichever copy of the class it is', async () => {
    const fault = {
      blame: 'user',
      reason: 'permission-denied',
      cause: 'No right.',
      next: 'Grant it.',
    } as const
    for (const error of [
      new FaultError(fault),
      Object.assign(new Error('x'), { name: 'FaultError', fault }),
    ]) {
      const { outputs } = await run(() => Promise.reject(error))
      expect([outputs.verdict, outputs['reason-code']]).toEqual(['fail', 'permission-denied'])
    }
  })

  test('anything else that is thrown is our fault, in one line, with places in the debug log', async () => {
    const { code, outputs, annotations, log } = await run(() =>
      Promise.reject(new TypeError('x is not a function')),
    )
    expect([code, outputs.verdict, outputs['reason-code']]).toEqual([1, 'unknown', 'internal-error'])
    expect(annotations[0]?.message).toMatch(
      /^Unexpected: TypeError: x is not a function\n.*defect of Tuesday/s,
    )
    expect(log.some((line) => line.startsWith('debug: at '))).toBe(true)
  })

  test('secrets do not reach files: outputs, result, summary, annotations', async () => {
    const told = await run(
      async ({ mask }) => {
        mask('learned-later')
        const text = 'given-token and learned-later'
        return {
          ...done,
          verdict: 'fail',
          message: text,
          data: { text },
          outputs: { facts: { text }, weight: text },
          summary: [{ title: text, body: text }],
          annotations: [{ level: 'warning', message: text }],
        }
      },
      { INPUT_TOKEN: 'given-token' },
    )
    const { masked, ...files } = told
    expect(masked).toEqual(['given-token', 'learned-later'])
    expect(JSON.stringify(files)).not.toMatch(/given-token|learned-later/)
  })

  test('a result too large for an output leaves out its data and says so', async () => {
    const { result, code } = await run(async () => ({ ...done, data: 'x'.repeat(600_000) }))
    expect(code).toBe(0)
    expect(result).toMatchObject({ verdict: 'pass', message: done.message })
    expect(result.data).toBeUndefined()
    expect(result.omitted).toMatch(/data of 600\d\d\d characters/)
  })

  test('a summary leaves room for what the step has written before', async () => {
    const host = recordingHost(given, 900_000)
    const body = 'line\n'.repeat(100_000)
    const { summary } = await run(async () => ({ ...done, summary: [{ title: 'T', body }] }), {}, host)
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024 - 900_000)
    expect(summary).toMatch(/lines were cut here/)
  })
})

describe('a cancelled run', () => {
  test('that answers in time tells its own end', async () => {
    const host = recordingHost(given)
    const { outputs, annotations } = await run(
      async ({ signal }) => {
        setTimeout(() => host.cancel(), 5)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return { ...done, verdict: 'unknown', reason: 'cancelled', message: 'Stopped at 25 %.' }
      },
      {},
      host,
    )
    expect(outputs['reason-code']).toBe('cancelled')
    expect(annotations[0]?.message).toMatch(/^Stopped at 25 %\./)
  })

  test('that does not answer in time tells what the handler last said would stand', async () => {
    const host = recordingHost(given)
    const before = performance.now()
    const { code, outputs, annotations } = await run(
      ({ endState }) => {
        endState('prod-us stays at 5 %.')
        endState('prod-us stays at 25 %, paused.')
        setTimeout(() => host.cancel(), 5)
        return new Promise(() => {})
      },
      {},
      host,
    )
    expect(performance.now() - before).toBeLessThan(20_000)
    expect([code, outputs.verdict, outputs['reason-code']]).toEqual([1, 'unknown', 'cancelled'])
    expect(annotations[0]?.message).toMatch(/^The run was cancelled\. prod-us stays at 25 %, paused\.\n/)
  })

  test('whose sleep rejects with the reason is cancelled, not broken', async () => {
    const host = recordingHost(given)
    const { outputs } = await run(
      async ({ clock, signal }) => {
        setTimeout(() => host.cancel(), 5)
        await clock.sleep(60_000, signal)
        return done
      },
      {},
      host,
    )
    expect(outputs['reason-code']).toBe('cancelled')
  })
})

test('an error that nobody caught ends the run as our fault', async () => {
  const host = recordingHost(given)
  const { outputs, annotations } = await run(
    () => {
      setTimeout(() => host.breakDown(new Error('lost')), 5)
      return new Promise(() => {})
    },
    {},
    host,
  )
  expect(outputs['reason-code']).toBe('internal-error')
  expect(annotations[0]?.message).toMatch(/^Unexpected: Error: lost/)
})
