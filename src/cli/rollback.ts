import { userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { openClusters } from '../cluster/index.ts'
import { readConfig } from '../config/index.ts'
import type { Digest, Result } from '../release/index.ts'
import { type RegionReport, type RollbackOutcome, rollBack } from '../rollback/index.ts'
import { type TickContext, tick } from '../train/index.ts'
import { type Answer, type CliPorts, type Command, refused, wrong } from './command.ts'
import { openRepo, withTemp } from './gitops.ts'
import { type RollbackWish, readWish, usage } from './rollback-arguments.ts'

/** The same code as the action, with what a laptop or a jump host has: a kubeconfig and Git. */
export const rollback: Command = {
  summary: 'back to the last verified release, without GitHub',
  usage,
  async run(args, ports) {
    const wish = readWish(args)
    if (typeof wish === 'string') return wrong(wish, usage)
    const began = ports.clock.now().getTime()
    const outcome = await withTemp((temp) => goBack(wish, ports, temp))
    const seconds = (ports.clock.now().getTime() - began) / 1000
    return outcome.ok ? told(outcome.value, seconds) : refused(outcome.fault)
  },
}

async function goBack(wish: RollbackWish, ports: CliPorts, temp: string): Promise<Result<RollbackOutcome>> {
  const { exec, clock, env, dir, logger, signal, endState } = ports
  const read = await readConfig(dir, wish.config)
  if (!read.ok) return read
  const config = read.value
  const opened = openRepo(config, wish.git, ports, temp)
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
  return { exit: good ? 0 : 1, text: lines.join('\n'), data }
}

function line({ region, ok, why, trafficSeconds, seconds }: RegionReport): string {
  const traffic = trafficSeconds === undefined ? '' : `, all traffic after ${trafficSeconds.toFixed(1)} s`
  const git = ok && seconds !== undefined ? `, Git agreed after ${seconds.toFixed(1)} s` : ''
  return `${region}: ${ok ? 'back' : 'NOT PROVED'}${traffic}${git}: ${why}`
}
