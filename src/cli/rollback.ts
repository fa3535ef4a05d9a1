import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { openClusters } from '../cluster/index.ts'
import { readConfig } from '../config/index.ts'
import { openGitOps } from '../gitops/index.ts'
import type { Clock, Digest, Exec, Fault, Logger, Result } from '../release/index.ts'
import { type RegionReport, type RollbackOutcome, rollBack } from '../rollback/index.ts'
import { boundedFetch } from '../system/index.ts'
import { type TickContext, tick } from '../train/index.ts'
import type { RollbackWish } from './arguments.ts'

export interface CliPorts {
  readonly exec: Exec
  readonly clock: Clock
  readonly env: Readonly<Record<string, string>>
  /** The clone of the service repository: tuesday.yaml, chart and values. */
  readonly dir: string
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly endState: (text: string) => void
}

export interface Answer {
  readonly good: boolean
  readonly text: string
  readonly data: unknown
}

/** The same code as the action, with what a laptop or a jump host has: a kubeconfig and Git. */
export async function run(wish: RollbackWish, ports: CliPorts): Promise<Answer> {
  const began = ports.clock.now().getTime()
  const temp = await mkdtemp(join(tmpdir(), 'tuesday-'))
  try {
    const outcome = await rollback(wish, ports, temp)
    const seconds = (ports.clock.now().getTime() - began) / 1000
    return outcome.ok ? told(outcome.value, seconds) : refused(outcome.fault)
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}

async function rollback(wish: RollbackWish, ports: CliPorts, temp: string): Promise<Result<RollbackOutcome>> {
  const { exec, clock, env, dir, logger, signal, endState } = ports
  const read = await readConfig(dir, wish.config)
  if (!read.ok) return read
  const config = read.value
  const opened = openGitOps({
    at: config.gitops,
    inputs: { gitops: 'git', 'gitops-url': wish.git },
    // Git finds its credentials as it does for this person: a helper, a key, an agent.
    runner: { serverUrl: 'https://github.com', apiUrl: '', graphqlUrl: '', temp },
    env,
    exec,
    fetch: boundedFetch({ timeoutMs: 10_000 }),
    clock,
    logger,
    mask: () => {},
  })
  if (!opened.ok) return opened
  const { repo } = opened.value
  const person = wish.person ?? userInfo().username
  const ticking: TickContext = {
    config,
    repo,
    clock,
    author: { actor: person, run: 'command line', clock: 'machine' },
    configFiles: tick.configFilesFrom(dirname(resolve(dir, wish.config)), config, { exec, env }),
    signal,
  }
  return rollBack(
    {
      config,
      journal: (decide) => tick.commitDecision(ticking, decide),
      kube: openClusters({ kubeconfig: wish.kubeconfig, env, clock }),
      isAncestor: (ancestor, descendant, stop) => repo.isAncestor(ancestor, descendant, stop),
      clock,
      logger,
      signal,
      endState,
    },
    {
      regions: wish.regions,
      person,
      reason: 'rollback-requested',
      why: wish.reason,
      fast: wish.fast,
      ...(wish.digest === undefined ? {} : { digest: wish.digest as Digest }), // its form was checked
      ...(wish.to === undefined ? {} : { to: wish.to }),
    },
  )
}

function told({ verdict, reason, why, next, regions, ledger }: RollbackOutcome, seconds: number): Answer {
  const good = verdict === 'pass'
  const lines = [
    ...regions.map(line),
    `${good ? 'Done' : 'Not done'} after ${seconds.toFixed(1)} s: ${why}.`,
    ...(next === undefined ? [] : [`Next: ${next}`]),
  ]
  const data = { verdict, reason, why, next, seconds, ledger: ledger.state.head.seq, regions }
  return { good, text: lines.join('\n'), data }
}

function line({ region, ok, why, trafficSeconds, seconds }: RegionReport): string {
  const traffic = trafficSeconds === undefined ? '' : `, all traffic after ${trafficSeconds.toFixed(1)} s`
  const git = ok && seconds !== undefined ? `, Git agreed after ${seconds.toFixed(1)} s` : ''
  return `${region}: ${ok ? 'back' : 'NOT PROVED'}${traffic}${git}: ${why}`
}

function refused(fault: Fault): Answer {
  const { reason, cause, likely, next } = fault
  const text = [cause, ...(likely === undefined ? [] : [`Likely: ${likely}`]), `Next: ${next}`].join('\n')
  return { good: false, text, data: { verdict: 'fail', reason, why: cause, next } }
}
