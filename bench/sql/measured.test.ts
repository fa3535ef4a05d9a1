import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import {
  catalogueFromSnapshot,
  catalogueFromSql,
  loadGrammar,
  type Major,
  parseFile,
  predict,
  readSnapshot,
} from '../../src/hazards/index.ts'
import { postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { type LocksCase, parts, scoreLocks } from './score-locks.ts'

const file = JSON.parse(readFileSync(join(import.meta.dirname, 'measured.json'), 'utf8')) as {
  readonly base_schema: string
  readonly cases: readonly LocksCase[]
}

test('at least 98 of 100 measured statements and versions are predicted, part by part', async () => {
  const scored = await scoreLocks(file.base_schema, file.cases)
  for (const part of parts) {
    const of = scored.filter((one) => one.part === part)
    expect(of.length).toBeGreaterThan(100)
    expect(of.filter(({ right }) => right).length / of.length, part).toBeGreaterThanOrEqual(0.98)
  }
})

for (const major of [16, 18] satisfies Major[])
  test.skipIf(postgresMissing(major) !== undefined)(
    `a catalogue read from a server of ${major} leads to the same predictions as the SQL that made it`,
    async () => {
      const grammar = await loadGrammar(major)
      const server = await startPostgres({ major })
      const client = new pg.Client({ connectionString: await server.database() })
      try {
        await client.connect()
        await client.query(file.base_schema)
        const snapshot = await readSnapshot({ query: async (sql) => (await client.query(sql)).rows })
        const read = catalogueFromSnapshot(grammar, snapshot)
        const made = catalogueFromSql(grammar, file.base_schema)
        if (!made.ok) throw new Error(made.fault.message)
        const followed = { ...made.catalogue, timeZone: snapshot.timeZone }
        const different = file.cases.flatMap(({ sql, setup_sql }) => {
          const parsed = parseFile(grammar, sql)
          const [statement] = parsed.ok ? parsed.statements : []
          if (statement === undefined || setup_sql != null) return []
          const [a, b] = [predict(statement, read, major), predict(statement, followed, major)]
          return JSON.stringify(normal(a)) === JSON.stringify(normal(b))
            ? []
            : [{ sql, read: a, followed: b }]
        })
        expect(different).toEqual([])
      } finally {
        await client.end()
        await server.stop()
      }
    },
    120_000,
  )

function normal(prediction: ReturnType<typeof predict>) {
  return { ...prediction, locks: Object.entries(prediction.locks).sort() }
}
