import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { measure, type Row } from '../bench/rollback/measure.ts'
import { states } from '../bench/rollback/states.ts'
import { attachRig } from '../rig/index.ts'
import { buildCli } from '../scripts/bundle/cli.ts'

/**
 * The worst of the states that `npm run bench:rollback` measures: in each of them a command of the plugin, or of
 * kubectl, ends with exit code 0 on the bad image or in an outage.
 */
const worst = [
  ['E-one-unready', false],
  ['G-router', true],
  ['B-paused', true],
  ['I-aborted-between', false],
  ['K-promoted-paused', true],
] as const

const dir = mkdtempSync(join(tmpdir(), 'ways-back-'))
const rows = new Map<string, Row>()
beforeAll(async () => {
  const rig = attachRig(inject('rig'))
  const cli = join(dir, 'cli.mjs')
  await buildCli(join(import.meta.dirname, '..'), cli)
  // All at once: each spends its time waiting for controllers, and looking on afterwards.
  await Promise.all(
    worst.map(async ([state, heal], index) => {
      const found = states.find(({ name }) => name === state)
      if (found === undefined) throw new Error(`there is no state ${state}`)
      const name = `w${index}-${Date.now().toString(36)}`
      const run = {
        rig,
        cli,
        dir: join(dir, name),
        name,
        state: found,
        heal,
        who: 'tuesday',
        watchSeconds: 25,
      }
      rows.set(state, await measure(run))
    }),
  )
}, 240_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('one command', () => {
  test.each(worst)('ends right from %s (self-heal: %s), and is not green before', (state, heal) => {
    const row = rows.get(state)
    console.log(JSON.stringify(row))
    expect(row).toMatchObject({
      heal,
      right: true,
      exit: 0,
      greenWhileRed: false,
      end: { bad: 0, dark: 0 },
    })
    expect(row?.gitSeconds, 'Git and Argo CD agree').toBeTypeOf('number')
  })
})
