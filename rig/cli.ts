// npm run rig:build | rig:up | rig:down
import { buildRig } from './build.ts'
import { memory } from './processes.ts'
import { abandoned, endRig, findUp, upStateDirs } from './state.ts'
import { startRig } from './up.ts'

const say = (line: string) => console.log(line)

const commands: Readonly<Record<string, () => Promise<void>>> = {
  async build() {
    const start = performance.now()
    await buildRig(say)
    say(`the rig is built (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  },
  async up() {
    const running = findUp()
    if (running !== undefined)
      throw new Error(`a rig is up already (${running.stateDir}): npm run rig:down ends it`)
    const rig = await startRig({ say }, 'up')
    say(`resident MB: ${JSON.stringify(memory(rig.stateDir))}`)
    say(`export KUBECONFIG=${rig.kubeconfig} PATH=${rig.binDir}:$PATH`)
    say(
      `Prometheus ${rig.prometheusUrl}, PostgreSQL ${rig.postgresUrl}, registry ${rig.registryHost}, Git ${rig.gitUrl}`,
    )
  },
  async down() {
    const dirs = [...upStateDirs(), ...abandoned()]
    for (const dir of dirs) {
      await endRig(dir)
      say(`ended ${dir}`)
    }
    if (dirs.length === 0) say('no rig is up')
  },
}

const command = commands[process.argv[2] ?? '']
if (command === undefined) {
  console.error(`usage: node rig/cli.ts ${Object.keys(commands).join(' | ')}`)
  process.exit(2)
}
try {
  await command()
  process.exit(0)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
