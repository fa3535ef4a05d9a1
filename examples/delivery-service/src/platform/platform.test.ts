import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { Log } from './logger.js'
import { startOpsServer } from './ops-server.js'
import { apiSettings, workerSettings } from './settings.js'
import { startWorkLoop } from './work-loop.js'

const silent = new Log('test', 'error', () => {})

test('settings are checked before anything starts, and no value is repeated', () => {
  const url = 'postgres://app:hunter2@db/delivery'
  assert.equal(apiSettings({ DATABASE_URL: url, TOKEN_ISSUER: 'https://id.example' }).HTTP_PORT, 8080)
  assert.throws(
    () => workerSettings({ DATABASE_URL: 'mysql://app:hunter2@db', BATCH_SIZE: 'many' }),
    (error: Error) =>
      /DATABASE_URL, NATS_URL, BATCH_SIZE/.test(error.message) && !error.message.includes('hunter2'),
  )
})

test('a level keeps the quieter lines out', () => {
  const lines: string[] = []
  const log = new Log(
    'api',
    'warn',
    (line) => lines.push(line),
    () => new Date('2026-03-03T10:00:00Z'),
  )
  log.info('no')
  log.warn('yes', { code: 3 })
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [{ time: '2026-03-03T10:00:00.000Z', level: 'warn', workload: 'api', message: 'yes', code: 3 }],
  )
})

test('the second port serves metrics and probes', async () => {
  let alive = true
  const registry = new Registry()
  const server = await startOpsServer(0, registry, {
    isAlive: () => alive,
    isReady: () => Promise.reject(new Error('db')),
  })
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status
  try {
    assert.match(
      await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text(),
      /process_cpu_seconds_total/,
    )
    assert.deepEqual(await Promise.all(['/healthz', '/readyz', '/nothing'].map(status)), [200, 503, 404])
    alive = false
    assert.equal(await status('/healthz'), 503)
  } finally {
    await server.close()
  }
})

test('work goes on after an error, at once while there is some, and ends when it is told to', async () => {
  const answers = [3, new Error('gone'), 2, 0]
  let rounds = 0
  const loop = startWorkLoop(
    async () => {
      const answer = answers[rounds] ?? 0
      rounds += 1
      if (answer instanceof Error) throw answer
      return answer
    },
    5,
    silent,
  )
  while (rounds < 6) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(loop.isAlive())
  loop.stop()
  await loop.done
  const seen = rounds
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(rounds, seen)
})
