import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildShared } from './shared.ts'

const root = join(import.meta.dirname, '../..')

test('the grammars are found beside the bundle, wherever that is copied to', {
  timeout: 120_000,
}, async () => {
  const base = mkdtempSync(join(tmpdir(), 'grammar-bundle-'))
  try {
    const built = join(base, 'built')
    await buildShared(root, root, built, new Map([['hazards', join(root, 'src/hazards/index.ts')]]))
    const copy = join(base, 'somewhere/else')
    cpSync(built, copy, { recursive: true })
    rmSync(built, { recursive: true })
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}')
    const program = `
      import { loadGrammar } from './hazards.js'
      const sql = 'alter table t add column c int generated always as (a) virtual'
      const answers = []
      for (const major of [16, 17, 18]) answers.push((await loadGrammar(major)).parse(sql).ok)
      const routine = (await loadGrammar(16)).parsePlPgSql('do $$ begin null; end $$')
      console.log(JSON.stringify([...answers, routine !== undefined]))`
    writeFileSync(join(copy, 'ask.js'), program)
    const answer = execFileSync(process.execPath, ['ask.js'], { cwd: copy, encoding: 'utf8' })
    expect(JSON.parse(answer)).toEqual([false, false, true, true])
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
})
