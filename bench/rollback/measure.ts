import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rig } from '../../rig/index.ts'
import type { Stand } from './stand.ts'
import { stand } from './stand.ts'
import type { Peer, State } from './states.ts'
import { judge, sample, watch } from './traffic.ts'

export interface Run {
  readonly rig: Rig
  readonly cli: string
  readonly dir: string
  readonly name: string
  readonly state: State
  readonly heal: boolean
  readonly who: string
  readonly watchSeconds: number
}

export interface Row {
  readonly state: string
  readonly heal: boolean
  readonly by: string
  /** All traffic and the spec on the target at the end; of a state with nothing to go back to: it refused. */
  readonly right: boolean
  readonly [figure: string]: unknown
}

/** Makes the state, runs the command as a program, and looks on for long enough to see it come undone. */
export async function measure(run: Run): Promise<Row> {
  const { rig, state, heal, who } = run
  const head = { state: state.name, heal, by: who }
  let at: Stand
  try {
    at = await stand({ ...run, shape: state.shape, fates: state.fates ?? (() => new Map()) })
    await state.make(at)
  } catch (error) {
    return { ...head, right: false, setup: error instanceof Error ? error.message : String(error) }
  }
  const { good } = at.digests
  const looking = watch(() => sample(rig, at.namespace, at.name, state.shape, good))
  await sleep(300)
  const began = performance.now()
  const git = gitAgreeing(at, began)
  const [told] = await Promise.all([command(run, at), state.meanwhile?.(at)])
  const left = run.watchSeconds * 1000 - (performance.now() - began)
  await sleep(Math.max(1_000, left))
  await looking.stop()
  const agreed = await git.stop()
  const seen = judge(looking.samples, began)
  const redAfter = looking.samples.some((each) => each.at > began + told.ms && each.bad + each.dark > 0)
  const right =
    state.nothing === true
      ? told.code !== 0
      : seen.end.bad === 0 && seen.end.dark === 0 && (await at.specRuns(good))
  await at.application('delete')
  return {
    ...head,
    right,
    ...seen,
    ...(agreed === undefined ? {} : { gitSeconds: agreed }),
    ...(told.firstPatch === undefined ? {} : { firstPatchSeconds: told.firstPatch }),
    exit: told.code,
    commandSeconds: Math.round(told.ms) / 1000,
    greenWhileRed: told.code === 0 && redAfter,
    looks: looking.samples.length,
    watched: run.watchSeconds,
    ...(right ? {} : { said: told.said.slice(-600) }),
  }
}

/** Seconds until Git asks for the target and Argo CD carries that, and both stayed so; looked at every 1.5 s. */
function gitAgreeing(at: Stand, began: number) {
  let since: number | undefined
  let going = true
  const done = (async () => {
    while (going) {
      const agrees = (await at.gitSays()) === at.digests.good && (await at.synced().catch(() => false))
      since = agrees ? (since ?? performance.now()) : undefined
      await sleep(1_500)
    }
  })()
  return {
    async stop() {
      going = false
      await done
      return since === undefined ? undefined : Math.round((since - began) / 10) / 100
    },
  }
}

interface Told {
  readonly code: number
  readonly ms: number
  readonly said: string
  readonly firstPatch?: number
}

async function command(run: Run, at: Stand): Promise<Told> {
  const { who, cli, rig } = run
  if (who === 'tuesday') {
    const args = [
      cli,
      'rollback',
      '--reason',
      'bench',
      '--person',
      'bench',
      '--git',
      at.gitUrl,
      '--kubeconfig',
      at.kubeconfig,
    ]
    return program(
      process.execPath,
      args,
      at.dir,
      /aborted after|applied after|promotion sent after|taken away after/,
    )
  }
  const plugin = join(rig.binDir, 'kubectl-argo-rollouts')
  const where = ['-n', at.namespace, '--kubeconfig', rig.kubeconfig]
  const steps: Readonly<Record<Peer, readonly (readonly [string, readonly string[]])[]>> = {
    abort: [[plugin, ['abort', at.name]]],
    undo: [[plugin, ['undo', at.name]]],
    'abort+undo': [
      [plugin, ['abort', at.name]],
      [plugin, ['undo', at.name]],
    ],
    'undo+promote': [
      [plugin, ['undo', at.name]],
      [plugin, ['promote', at.name, '--full']],
    ],
    'rollout-undo': [[join(rig.binDir, 'kubectl'), ['rollout', 'undo', `deployment/${at.name}`]]],
  }
  const began = performance.now()
  let last: Told = { code: 0, ms: 0, said: '' }
  for (const [file, args] of steps[who as Peer]) {
    const told = await program(file, [...args, ...where], at.dir)
    last = { ...told, ms: performance.now() - began, said: last.said + told.said }
    if (told.code !== 0) break
  }
  return last
}

function program(file: string, args: readonly string[], cwd: string, patch?: RegExp): Promise<Told> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', HOME: cwd }
    const child = spawn(file, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const bound = setTimeout(() => child.kill(), 170_000)
    let said = ''
    let firstPatch: number | undefined
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (firstPatch === undefined && patch?.test(said))
          firstPatch = Math.round(performance.now() - began) / 1000
      })
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(bound)
      const ms = performance.now() - began
      resolve({ code: code ?? -1, ms, said, ...(firstPatch === undefined ? {} : { firstPatch }) })
    })
  })
}
