import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endProcesses, memory, processes, restartProcess, startTime } from './processes.ts'
import { waitFor } from './wait.ts'

let dir = ''
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rig-processes-'))
})
afterEach(async () => {
  await endProcesses(dir)
  fs.rmSync(dir, { recursive: true })
})

const record = (entry: object) =>
  fs.appendFileSync(path.join(dir, 'processes.ndjson'), `${JSON.stringify(entry)}\n`)
const pidOf = (line = 0) =>
  (
    JSON.parse(fs.readFileSync(path.join(dir, 'processes.ndjson'), 'utf8').split('\n')[line] ?? '') as {
      pid: number
    }
  ).pid

describe('recorded processes', () => {
  it('are ended, also when they ignore the polite signal', async () => {
    const parts = processes(dir)
    parts.start('polite', 'sleep', ['60'])
    parts.start('deaf', 'sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'])
    await waitFor('the trap to be set', 5, async () => (parts.logTail('deaf') === 'ready' ? true : undefined))
    expect(memory(dir)).toMatchObject({ polite: expect.any(Number), deaf: expect.any(Number) })
    const pids = [pidOf(0), pidOf(1)]
    await endProcesses(dir, 300)
    expect(pids.map(startTime)).toEqual([undefined, undefined])
  })

  it('are left alone when the pid belongs to another process by now', async () => {
    record({ name: 'stranger', pid: process.pid, started: '1' })
    let signalled = false
    const onSignal = () => {
      signalled = true
    }
    process.once('SIGTERM', onSignal)
    await endProcesses(dir)
    process.off('SIGTERM', onSignal)
    expect(signalled).toBe(false)
    expect(memory(dir)).toEqual({})
  })

  it('tell of their end with the last lines of their log', async () => {
    const parts = processes(dir)
    parts.start('short', 'sh', ['-c', 'echo out of luck >&2; exit 3'])
    const error = await waitFor('the end', 5, async () => {
      try {
        parts.assertAlive('short')
        return undefined
      } catch (ended) {
        return ended as Error
      }
    })
    expect(error.message).toBe('short has ended:\nout of luck')
  })

  it('come back as they were started, and are ended as well', async () => {
    const parts = processes(dir)
    parts.start('part', 'sh', ['-c', 'echo "in $PLACE"; exec sleep 60'], { PLACE: 'the rig' })
    await waitFor('the first', 5, async () => (parts.logTail('part') === 'in the rig' ? true : undefined))
    await restartProcess(dir, 'part', 10)
    await waitFor('the second', 5, async () =>
      parts.logTail('part') === 'in the rig\nin the rig' ? true : undefined,
    )
    parts.assertAlive('part')
    expect(startTime(pidOf(0))).toBeUndefined()
    await endProcesses(dir)
    expect(startTime(pidOf(1))).toBeUndefined()
    await expect(restartProcess(dir, 'stranger', 0)).rejects.toThrow('stranger was not started here')
  })

  it('cannot be a program that is not there', () => {
    expect(() => processes(dir).start('ghost', path.join(dir, 'no-such-program'), [])).toThrow(
      /ghost: .* cannot be started/,
    )
  })
})
