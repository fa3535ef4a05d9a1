import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { migrate, rows } from './on-server.fixture.ts'

const files = {
  '0001_t.sql': 'create table t (a int); insert into t values (1)',
  '0002_i.sql': 'create index concurrently i on t (a); insert into t values (2)',
  '0003_d.sql':
    'drop index concurrently i; alter table t add column b int default 7; insert into t values (3)',
}

async function run(url: string, at: number): Promise<{ readonly killed: boolean; readonly output: string }> {
  const program = fileURLToPath(new URL('./dying-runner.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, [program, url, String(at), JSON.stringify(files)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return { killed: signal === 'SIGKILL', output }
}

/** `choose`: at which of its questions to the server the runner dies. */
export function describeKilled(choose: (asked: number) => readonly number[]): void {
  describe.skipIf(postgresMissing(16) !== undefined)('a runner that is killed', () => suite(choose))
}

function suite(choose: (asked: number) => readonly number[]): void {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  const state = async (url: string) => [
    await rows(url, 'select a, b from t order by a'),
    await rows(url, `select indexname from pg_indexes where tablename = 't'`),
    await rows(url, 'select number, position, state, checksum from tuesday_migrations order by 1, 2'),
  ]

  test('leaves a database on which the next run ends as if nothing had happened, wherever it died', async () => {
    const reference = await server.database()
    const whole = await run(reference, 0)
    const { asked } = JSON.parse(whole.output) as { asked: number }
    expect(asked).toBeGreaterThan(30)
    const expected = await state(reference)
    const points = choose(asked)
    // Two at a time: a start of Node is most of the time.
    for (let first = 0; first < points.length; first += 2) {
      await Promise.all(
        points.slice(first, first + 2).map(async (point) => {
          const url = await server.database(`killed_${point}`)
          expect((await run(url, point)).killed, `point ${point}`).toBe(true)
          expect(await migrate(url, files), `after point ${point}`).toMatchObject({
            ok: true,
            account: { level: 3 },
          })
          expect(await state(url), `after point ${point}`).toEqual(expected)
        }),
      )
    }
  }, 240_000)
}
