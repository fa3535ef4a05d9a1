import type { Config, Environment } from '../../config/index.ts'
import {
  type Author,
  emptyState,
  fold,
  type LedgerEvent,
  type LedgerState,
  type NewEvent,
  type Pins,
  regionOf,
} from '../../ledger/index.ts'
import type { Alarm, CommitSha, Digest, Region, RegionFacts } from '../../release/index.ts'
import type { RegionView, TrainFacts } from '../facts.ts'
import { runs } from '../gates.ts'
import * as people from '../people.ts'

/** Parts for the tests of the train: a policy, a world of regions that can be stepped, and facts read from it. */

export const digestOf = (n: number): Digest => `sha256:${n.toString(16).repeat(64).slice(0, 64)}` as Digest
export const shaOf = (n: number): CommitSha => n.toString(16).repeat(40).slice(0, 40) as CommitSha

export const lead = 'api'
export const follower = 'relay'

export function environmentOf(name: string, more: Partial<Environment> = {}): Environment {
  return {
    name,
    production: name !== 'staging',
    jurisdiction: 'us',
    timezone: 'UTC',
    runner: ['ubuntu-latest'],
    cluster: { context: name },
    namespace: `shop-${name}`,
    argocd: { namespace: 'argocd', application: `shop-${name}`, context: name },
    gitops: {
      path: `environments/${name}`,
      values: `values-${name}.yaml`,
      pins: `environments/${name}/pins.yaml`,
    },
    prometheus: { url: 'http://127.0.0.1:9090' },
    dashboards: [],
    ...more,
  }
}

export function configOf(regions: readonly string[], more: Partial<Config> = {}): Config {
  const names = ['staging', ...regions]
  return {
    version: 1,
    service: 'shop',
    image: { repository: 'registry.example.com/acme/shop' },
    workloads: [
      { name: lead, kind: 'Rollout', container: 'api' },
      { name: follower, kind: 'Deployment', container: 'relay' },
    ],
    gitops: { repository: 'acme/shop-gitops', branch: 'main', chart: 'charts/shop' },
    environments: Object.fromEntries(names.map((n) => [n, environmentOf(n)])),
    train: {
      timezone: 'UTC',
      start: 'Tue',
      order: regions as readonly Region[],
      regionsPerDay: 1,
      spacingMs: 20 * 3_600_000,
      bakeMs: 1_800_000,
      bakeRequests: 1000,
      factAgeMs: 600_000,
    },
    approvals: { required: 1, expiresMs: 72 * 3_600_000 },
    slos: [],
    canary: { holdsMs: { 5: 1 }, metrics: [], margin: { ratio: 1.5, difference: 0.001 }, falseAborts: 0.05 },
    contracts: {},
    ...more,
  }
}

export const tuesday = new Date('2026-11-17T10:00:00.000Z')
export const minutes = (n: number): number => n * 60_000
export const hours = (n: number): number => n * 3_600_000
export const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms)

/** Adds events to a state without text and hashes: a ledger that is only a fold. */
export function applyEvents(state: LedgerState, events: readonly NewEvent[], at: Date): LedgerState {
  const author: Author = { at, actor: 'test', run: '', clock: 'machine' }
  return events.reduce((before, event, index) => {
    const seq = before.head.seq + 1
    const full = {
      transition: `t-${seq}-${index}`,
      ...event,
      ...author,
      id: `shop/${seq}`,
      at: at.toISOString(),
    }
    return fold(before, full as unknown as LedgerEvent, String(seq))
  }, state)
}

/** What a region's cluster really does; `decide` only ever sees facts made from it. */
export interface Cluster {
  /** The pins that Argo CD has carried there. */
  readonly carried: Pins
  /** What serves, by workload; the Rollout serves its old digest while a canary is under way. */
  readonly served: Readonly<Record<string, Digest>>
}

export interface World {
  readonly state: LedgerState
  readonly clusters: Readonly<Record<string, Cluster>>
  /** Digest that alarms wherever it serves. */
  readonly alarming?: Digest
  /** Digests that were sent back because of facts: what must never be pinned again, whatever the ledger says. */
  readonly condemned?: readonly Digest[]
  /** A hotfix was on its way once: the train that it ended leaves a version of its own. */
  readonly hotfixed?: boolean
  /** What a region was pinned to before its last pin: what a naive rollback goes to. */
  readonly before?: Readonly<Record<string, Pins>>
  readonly now: Date
}

export function pinsOf(n: number): Pins {
  return { configSha: shaOf(n), workloads: { [lead]: digestOf(n), [follower]: digestOf(n) } }
}

export function samePins(a: Pins, b: Pins): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/** Every region adopted on baseline 9. */
export function adoptedWorld(config: Config, now: Date = tuesday): World {
  let state = emptyState(config.service, 'genesis')
  const clusters: Record<string, Cluster> = {}
  for (const region of config.train.order) {
    const pins = pinsOf(9)
    const event: NewEvent = {
      type: 'adopted',
      region,
      pins,
      digest: digestOf(9),
      configSha: pins.configSha,
      person: 'ada',
    }
    state = applyEvents(state, [event], now)
    clusters[region] = { carried: pins, served: pins.workloads }
  }
  return { state, clusters, now }
}

/** Stages release `n`, proves it, proposes it and has it approved. */
export function released(
  world: World,
  config: Config,
  n: number,
  kind: 'normal' | 'hotfix' = 'normal',
): World {
  const incident = { id: 'INC-1', severity: 'P1' } as const
  const artifact = {
    digest: digestOf(n),
    configSha: shaOf(n),
    sourceSha: shaOf(n),
    author: 'ada',
    ...(kind === 'hotfix' && { incident }),
  }
  const staged = people.stage(world.state, config, artifact, { region: 'staging', head: shaOf(0) })
  if (!staged.ok) return world
  let state = applyEvents(world.state, staged.value.events, world.now)
  state = applyEvents(
    state,
    [{ type: 'staging-verified', region: 'staging', release: staged.value.id }],
    world.now,
  )
  const release = state.releases[staged.value.id]
  if (release === undefined) throw new Error('not staged')
  const proposed = people.propose(state, config, release, 'ada')
  if (!proposed.ok) return { ...world, state }
  const hotfixed = world.hotfixed === true || kind === 'hotfix'
  state = applyEvents(state, proposed.value.events, world.now)
  const approved = people.approve(state, config, { person: 'grace', at: world.now, release })
  if (!approved.ok) throw new Error(approved.fault.cause)
  return { ...world, hotfixed, state: applyEvents(state, approved.value.events, world.now) }
}

/** Argo CD carries the pins; a Rollout that is pinned to something new waits at its canary, going back does not. */
export function synced(world: World, name: string): World {
  const cluster = world.clusters[name]
  const region = regionOf(world.state, name)
  if (cluster === undefined || region?.pins === undefined) return world
  const canaried = region.phase === 'pinned'
  const old = cluster.served[lead]
  const served = { ...region.pins.workloads, ...(canaried && old !== undefined && { [lead]: old }) }
  return setCluster(world, name, { carried: region.pins, served })
}

/** The canary passed in the cluster: the Rollout serves its pin everywhere. */
export function promoted(world: World, name: string): World {
  const cluster = world.clusters[name]
  if (cluster === undefined) return world
  return setCluster(world, name, { ...cluster, served: cluster.carried.workloads })
}

function setCluster(world: World, name: string, cluster: Cluster): World {
  return { ...world, clusters: { ...world.clusters, [name]: cluster } }
}

/** Facts as `observe` would write them; `age` makes them stale. */
export function factsOf(world: World, config: Config, age = 0): TrainFacts {
  const regions = new Map<string, RegionView>()
  for (const name of config.train.order) {
    const cluster = world.clusters[name]
    const region = regionOf(world.state, name)
    if (cluster === undefined || region === undefined) continue
    const facts: RegionFacts = {
      version: 1,
      region: name,
      asOf: later(world.now, -age).toISOString(),
      workloads: config.workloads.map((w) => workloadFacts(cluster, w.name, w.kind)),
      application: { revision: shaOf(1), synced: true, operation: 'succeeded', fresh: true, why: 'Synced' },
      traffic: { digest: cluster.served[lead] ?? digestOf(0), since: region.since, requests: 5000 },
      alarms: alarms(world, cluster),
      unreadable: [],
    }
    const carriesPin = region.pins !== undefined && samePins(cluster.carried, region.pins)
    regions.set(name, { facts, carriesPin, ...(region.pins && { pins: region.pins }) })
  }
  return { head: shaOf(1), regions }
}

function workloadFacts(cluster: Cluster, name: string, kind: 'Rollout' | 'Deployment') {
  const desired = cluster.carried.workloads[name] ?? digestOf(0)
  const digest = cluster.served[name] ?? digestOf(0)
  const state = desired === digest ? 'healthy' : 'paused'
  return { name, kind, desired, served: [{ digest, share: 1 }], dark: 0, state, why: state } as const
}

function alarms(world: World, cluster: Cluster): readonly Alarm[] {
  const digest = Object.values(cluster.served).find((d) => d === world.alarming)
  return digest === undefined
    ? []
    : [{ digest, name: 'errors', since: world.now.toISOString(), why: '5 % errors' }]
}

/** Regions whose pins carry release `id`. */
export function regionsRunning(state: LedgerState, config: Config, id: string): readonly string[] {
  const release = state.releases[id]
  return release === undefined ? [] : config.train.order.filter((r) => runs(state, r, release))
}
