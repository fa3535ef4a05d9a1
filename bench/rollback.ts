/**
 * `npm run -s bench:rollback -- [--states A-20,B-60] [--heal no|yes|both] [--by tuesday,undo,…] [--watch SECONDS]
 * [--at-once N] [--repeat N]`: seconds from the command to all traffic on the target, on the real parts, of every
 * state that a way back can start from, ours beside the plugin's commands in the same run. One JSON line each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startRig } from '../rig/index.ts'
import { buildCli } from '../scripts/bundle/cli.ts'
import { measure, type Row } from './rollback/measure.ts'
import { states } from './rollback/states.ts'

const { values } = parseArgs({
  options: {
    states: { type: 'string' },
    heal: { type: 'string', default: 'both' },
    by: { type: 'string' },
    watch: { type: 'string', default: '60' },
    'at-once': { type: 'string', default: '4' },
    repeat: { type: 'string', default: '1' },
  },
})
const list = (text: string | undefined) => text?.split(',').filter((each) => each !== '')
const names = list(values.states)
const unknown = names?.filter((name) => !states.some((state) => state.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`No state ${unknown.join(', ')}. There are ${states.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}
const by = list(values.by)
const heals = values.heal === 'both' ? [false, true] : [values.heal === 'yes']
const chosen = states.filter(({ name }) => names === undefined || names.includes(name))
const runs = chosen.flatMap((state) =>
  heals.flatMap((heal) =>
    ['tuesday', ...state.peers]
      .filter((who) => by === undefined || by.includes(who))
      .flatMap((who) =>
        Array.from({ length: Number(values.repeat) }, (_, time) => ({ state, heal, who, time })),
      ),
  ),
)

const dir = mkdtempSync(join(tmpdir(), 'bench-rollback-'))
const cli = join(dir, 'cli.mjs')
await buildCli(join(import.meta.dirname, '..'), cli)
const rig = await startRig({ say: (text) => console.error(`rig: ${text}`) })
let wrong = 0
try {
  const waiting = runs.map((run, index) => ({ ...run, index }))
  const one = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const { state, heal, who, index } = run
      const name = `b${index}-${state.name.toLowerCase()}`.slice(0, 40)
      console.error(`${index + 1}/${runs.length} ${state.name} by ${who}${heal ? ' under self-heal' : ''}`)
      const row: Row = await measure({
        rig,
        cli,
        dir: join(dir, name),
        name,
        state,
        heal,
        who,
        watchSeconds: Number(values.watch),
      })
      console.log(JSON.stringify({ bench: 'rollback', ...row }))
      if (who === 'tuesday' && !row.right) wrong += 1
    }
  }
  await Promise.all(Array.from({ length: Number(values['at-once']) }, one))
} finally {
  await rig.stop()
  rmSync(dir, { recursive: true, force: true })
}
process.exit(wrong === 0 ? 0 : 1)
