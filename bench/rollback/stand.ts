import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rig } from '../../rig/index.ts'
import {
  connectKube,
  type Kube,
  promote,
  promoteFull,
  type Rollout,
  viewRollout,
} from '../../src/cluster/index.ts'
import { gitRepo, initialPins, readPins, writePins } from '../../src/gitops/index.ts'
import { appendEvents, type NewEvent, readLedger } from '../../src/ledger/index.ts'
import { type CommitSha, type Digest, unwrap } from '../../src/release/index.ts'
import { spawnExec, systemClock } from '../../src/system/index.ts'
import { smallConfig } from '../../testkit/site/index.ts'
import { chartOf, type Fate, followerOf, type Shape } from './objects.ts'

export const digestOf = (text: string) =>
  `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest
const configSha = 'c'.repeat(40) as CommitSha
const region = 'prod-us'
const clock = systemClock()

export interface StandOptions {
  readonly rig: Rig
  readonly name: string
  readonly dir: string
  readonly shape: Shape
  readonly heal: boolean
  readonly fates: (digests: Digests) => ReadonlyMap<Digest, Fate>
}
export interface Digests {
  readonly good: Digest
  readonly bad: Digest
  readonly worse: Digest
}

/** One service with a ledger, a GitOps repository and an Application of its own, on `good`. */
export async function stand(options: StandOptions) {
  const { rig, name, dir, shape, heal } = options
  const signal = AbortSignal.timeout(600_000)
  const namespace = rig.environment(region).namespace
  const digests = {
    good: digestOf(`${name} good`),
    bad: digestOf(`${name} bad`),
    worse: digestOf(`${name} worse`),
  }
  const remote = await rig.gitRemote(`bench/${name}`)
  mkdirSync(dir, { recursive: true })
  const git = { PATH: process.env.PATH ?? '', HOME: dir, GIT_CONFIG_GLOBAL: '/dev/null' }
  const author = { name: 'platform', email: 'platform@example.com' }
  await root(remote.path, git)
  const repo = gitRepo({
    exec: spawnExec,
    url: remote.httpUrl,
    branch: 'main',
    cacheDir: join(dir, 'git'),
    author,
    env: git,
  })
  const kubeconfig = await rig.kubeconfigFor('tuesday')
  const kube: Kube = unwrap(await connectKube({ kubeconfig: { path: kubeconfig }, context: region, clock }))
  const kind = shape.kind === 'deployment' ? 'Deployment' : 'Rollout'
  const workloads = [
    { name, kind, container: 'app' },
    ...(shape.follower === true ? [{ name: followerOf(name), kind: 'Deployment', container: 'app' }] : []),
  ]
  const environments = [{ name: region, context: region, namespace, application: name }]
  const text = smallConfig({ service: name, workloads, gitopsUrl: remote.httpUrl, environments })
  writeFileSync(join(dir, 'tuesday.yaml'), text)
  const pinsPath = `environments/${region}/pins.yaml`
  const pinsOf = (digest: Digest, follower = digest) => ({
    configSha,
    workloads: Object.fromEntries(
      workloads.map((each, index) => [each.name, index === 0 ? digest : follower]),
    ),
  })

  async function commit(
    events: (base: CommitSha) => readonly NewEvent[],
    pins?: ReturnType<typeof pinsOf>,
    files: readonly { path: string; text: string }[] = [],
  ) {
    const ledger = unwrap(await readLedger(repo, name, [pinsPath], signal))
    const before = ledger.snapshot.files.get(pinsPath)
    const wanted = pins && { configSha: pins.configSha, digests: new Map(Object.entries(pins.workloads)) }
    const pinned =
      wanted === undefined
        ? []
        : [
            {
              path: pinsPath,
              text: before === undefined ? initialPins(wanted) : unwrap(writePins(before, wanted)),
            },
          ]
    const by = { at: clock.now(), actor: 'bench', run: 'bench', clock: 'machine' } as const
    const append = { events: events(ledger.snapshot.head), author: by, files: [...files, ...pinned] }
    const outcome = unwrap(await appendEvents(repo, ledger, append, signal))
    if (outcome.kind !== 'committed') throw new Error(outcome.kind)
    if (pins !== undefined) await rig.refresh(name).catch(() => undefined)
  }

  const rollout = async () =>
    (await rig.kube.get(
      `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts/${name}`,
    )) as unknown as Rollout
  const until = <T>(what: string, ask: () => Promise<T | undefined>) =>
    rig.waitFor(`${name}: ${what}`, 90, ask)
  const specRuns = async (digest: Digest) => {
    const path =
      kind === 'Deployment' || shape.kind === 'workload-ref'
        ? `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
        : undefined
    const object = path === undefined ? await rollout() : await rig.kube.get(path)
    return JSON.stringify(object).includes(`app@${digest}`)
  }
  const phase = async (digest: Digest, wanted: string) => {
    if (!(await specRuns(digest))) return undefined
    const live = await rollout()
    const view = viewRollout(live, 'app')
    return view.observed && live.status?.phase === wanted ? true : undefined
  }
  const healthy = async (digest: Digest) => {
    if (kind === 'Rollout') return until(`Healthy on ${digest.slice(7, 13)}`, () => phase(digest, 'Healthy'))
    return until('the Deployment', async () => {
      if (!(await specRuns(digest))) return undefined
      const object = await rig.kube.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)
      const { status, metadata } = object as unknown as {
        status: Record<string, number>
        metadata: { generation: number }
      }
      const done =
        status.observedGeneration === metadata.generation &&
        status.updatedReplicas === 5 &&
        status.replicas === 5 &&
        status.availableReplicas === 5
      return done ? true : undefined
    })
  }

  const id = (n: number) => `r${n}`
  let releases = 0
  const setUp = {
    async adopted() {
      const files = [
        { path: `environments/${region}/Chart.yaml`, text: `apiVersion: v2\nname: app\nversion: 1.0.0\n` },
        { path: `environments/${region}/values.yaml`, text: '{}\n' },
        {
          path: `environments/${region}/templates/all.yaml`,
          text: chartOf(name, shape, options.fates(digests)),
        },
      ]
      const pins = pinsOf(digests.good)
      const event = { type: 'adopted', region, pins, digest: digests.good, configSha, person: 'ada' } as const
      await commit(() => [event], pins, files)
      await rig.application({
        name,
        namespace,
        repoUrl: remote.fileUrl,
        path: `environments/${region}`,
        valueFiles: ['values.yaml', 'pins.yaml'],
      })
      if (!heal)
        await rig.kube.patch(
          `/apis/argoproj.io/v1alpha1/namespaces/${rig.argocdNamespace}/applications/${name}`,
          {
            spec: { syncPolicy: { automated: { selfHeal: false } } },
          },
        )
    },
    /** Staged, started and pinned, as the train does it. */
    async pinned(digest: Digest, half = false) {
      const release = id(++releases)
      const pins = pinsOf(digest)
      const staged = {
        type: 'staged',
        region: 'staging',
        release,
        digest,
        configSha,
        sourceSha: configSha,
        kind: 'normal',
        author: 'bob',
        pins,
      } as const
      const started = { region, release } as const
      const now = half ? pinsOf(digest, digests.good) : pins
      await commit(
        (base) => [
          { ...staged, base },
          { type: 'proposed', release, order: [region], planHash: 'a'.repeat(64), person: 'ada' },
          { type: 'started', ...started, day: '2026-01-06' },
          { type: 'pinned', ...started, group: half ? 'lead' : 'followers', pins: now, base },
        ],
        now,
      )
      await until('the new spec', async () => ((await specRuns(digest)) ? true : undefined))
    },
    async verified() {
      const at = { region, release: id(releases) } as const
      await commit(() => [
        { type: 'live', ...at },
        { type: 'verified', ...at, requests: 1 },
        { type: 'train-ended', release: id(releases), outcome: 'done' },
      ])
    },
    /** The train gave it up, as a person cancels it; its pins are the good ones again. */
    async abandoned() {
      await commit(() => [{ type: 'train-ended', release: id(releases), outcome: 'cancelled' }])
    },
    paused: (digest: Digest, step: number) =>
      until(`the pause ${step}`, async () => {
        const live = await rollout()
        const view = viewRollout(live, 'app')
        return (await specRuns(digest)) &&
          view.observed &&
          view.pausedSince !== undefined &&
          view.stepIndex === step
          ? true
          : undefined
      }),
    promote: async (digest: Digest, stepIndex: number) =>
      unwrap(
        await promote({ kube, clock, signal }, { namespace, name, container: 'app' }, { digest, stepIndex }),
      ),
    promoteFull: async (digest: Digest) =>
      unwrap(await promoteFull({ kube, clock, signal }, { namespace, name, container: 'app' }, { digest })),
    healthy,
    until,
    rollout,
    patchRollout: (patch: unknown) =>
      rig.kube.patch(`/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts/${name}`, patch),
    patchStatus: (status: unknown) =>
      rig.kube.request(
        'PATCH',
        `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts/${name}/status`,
        { status },
        'application/merge-patch+json',
      ),
    patchDeployment: (patch: unknown) =>
      rig.kube.patch(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, patch),
    /** Takes the Application away; what it made is left to the end of the rig (see rig/ghosts.ts). */
    application: (_: 'delete') =>
      rig.kube.delete(`/apis/argoproj.io/v1alpha1/namespaces/${rig.argocdNamespace}/applications/${name}`),
    /** KWOK does not look at a pod again once it was ready. */
    async unready(digest: Digest, count: number) {
      const pods = await rig.kube.list(`/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`)
      const own = pods.filter((pod) => JSON.stringify(pod.spec).includes(digest)).slice(0, count)
      const conditions = ['Ready', 'ContainersReady'].map((type) => ({
        type,
        status: 'False',
        lastTransitionTime: new Date().toISOString(),
      }))
      for (const pod of own)
        await rig.kube.request(
          'PATCH',
          `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/status`,
          { status: { conditions } },
          'application/merge-patch+json',
        )
      return own.length
    },
    replicaSets: async (digest: Digest) => {
      const all = await rig.kube.list(
        `/apis/apps/v1/namespaces/${namespace}/replicasets?labelSelector=app%3D${name}`,
      )
      return all.filter((each) => JSON.stringify(each.spec).includes(digest))
    },
  }

  const gitSays = async () => {
    const read = await repo.read([pinsPath], signal)
    if (!read.ok) return undefined
    const pins = readPins(read.value.files.get(pinsPath) ?? '')
    return pins.ok ? pins.value.digests.get(name) : undefined
  }
  const synced = async () => {
    const head = await repo.read([], signal)
    const path = `/apis/argoproj.io/v1alpha1/namespaces/${rig.argocdNamespace}/applications/${name}`
    const { status } = (await rig.kube.get(path)) as unknown as {
      status?: { sync?: { status?: string; revision?: string } }
    }
    return head.ok && status?.sync?.status === 'Synced' && status.sync.revision === head.value.head
  }
  return {
    name,
    namespace,
    dir,
    kubeconfig,
    gitUrl: remote.httpUrl,
    digests,
    kind,
    pinsOf,
    commit,
    repo,
    specRuns,
    gitSays,
    synced,
    ...setUp,
  }
}

export type Stand = Awaited<ReturnType<typeof stand>>

async function root(bare: string, env: Readonly<Record<string, string>>): Promise<void> {
  const run = async (args: readonly string[], stdin?: string) => {
    const signal = AbortSignal.timeout(30_000)
    const answer = await spawnExec('git', ['-C', bare, ...args], {
      env,
      timeoutMs: 20_000,
      signal,
      ...(stdin === undefined ? {} : { stdin }),
    })
    if (answer.code !== 0) throw new Error(answer.stderr)
    return answer.stdout.trim()
  }
  const identity = ['-c', 'user.name=platform', '-c', 'user.email=platform@example.com']
  const tree = await run(['mktree'], '')
  await run(['update-ref', 'refs/heads/main', await run([...identity, 'commit-tree', tree, '-m', 'empty'])])
}
