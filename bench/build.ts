/**
 * What build-image costs beside plain buildah on the same Dockerfile, that the same commit comes to the same digest, and
 * what two runs at once or a killed run leave. One JSON line a figure; `-- --rounds=20 --only=beside,together,killed`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { pushBaseImage } from '../rig/base-image.ts'
import { type BuiltImage, buildImage, resolveTag } from '../src/image/index.ts'
import { checkoutOf, never, openPlace, type Place, registry, requestOf, storeEnv } from './build/place.ts'

const root = join(import.meta.dirname, '..')
const rounds = Number(process.argv.find((word) => word.startsWith('--rounds='))?.slice(9) ?? 20)
const small = {
  Dockerfile:
    'FROM scratch AS files\nCOPY app /app\nFROM scratch\nCOPY --from=files /app /app\nCOPY more /more\nUSER 1000\n',
  app: 'x'.repeat(2_000_000),
  more: 'y'.repeat(500_000),
}
const only = process.argv
  .find((word) => word.startsWith('--only='))
  ?.slice(7)
  .split(',')
const wanted = (part: string) => only === undefined || only.includes(part)
let missed = 0

const place = await openPlace()
try {
  if (wanted('beside')) await beside(place)
  if (wanted('together')) await together(place)
  if (wanted('killed')) await killed(place)
} finally {
  await place.end()
}
process.exitCode = missed > 0 ? 1 : 0

function figure(name: string, met: boolean, more: object): void {
  if (!met) missed += 1
  console.log(JSON.stringify({ bench: 'build', figure: name, met, ...more }))
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly value: T }> {
  const from = performance.now()
  const value = await work()
  return { seconds: Math.round(performance.now() - from) / 1000, value }
}

async function built(request: Parameters<typeof buildImage>[0]): Promise<BuiltImage> {
  const answer = await buildImage(request)
  if (!answer.ok) throw new Error(`${answer.fault.reason}: ${answer.fault.cause}`)
  return answer.value
}

/** The example service: first build, a build from the cache, and one that finds its image. */
async function beside(at: Place): Promise<void> {
  console.error('base image')
  const args = [`NODE_IMAGE=${pushBaseImage(at.host)}`]
  const example = join(root, 'examples/delivery-service')
  const [checkout, elsewhere] = [checkoutOf(at, 'one', example), checkoutOf(at, 'two', example)]
  const [ours, theirs, third] = [storeEnv(at, 'ours'), storeEnv(at, 'plain'), storeEnv(at, 'third')]
  const seconds: Record<string, number> = {}
  const digests: string[] = []
  for (const [kind, repository] of [
    ['first', 'ours/first'],
    ['cached', 'ours/cached'],
    ['no-op', 'ours/cached'],
  ] as const) {
    console.error(kind)
    const one = await timed(() => built(requestOf(at, repository, checkout, ours, args)))
    seconds[kind] = one.seconds
    digests.push(one.value.digest)
    if (kind === 'no-op') {
      figure('no-op', one.seconds <= 1.5, { seconds: one.seconds, goal: 1.5 })
      continue
    }
    const plain = await timed(async () => plainBuild(theirs, checkout, `${at.host}/plain/${kind}`, args))
    const over = Math.round(1000 * (one.seconds - plain.seconds)) / 1000
    const goal = Math.max(1, 0.05 * plain.seconds)
    const hits = one.value.cache
    figure(kind, over <= goal, { ours: one.seconds, plain: plain.seconds, over, goal, hits })
  }
  console.error('again, elsewhere, without a cache')
  const again = await built(requestOf(at, 'ours/again', elsewhere, third, args))
  digests.push(again.digest)
  figure('same digest from two folders and stores', new Set(digests).size === 1, { digest: again.digest })
}

/** What a person would type: build with its cache, push to the registry. */
function plainBuild(
  env: Readonly<Record<string, string>>,
  checkout: string,
  name: string,
  args: readonly string[],
) {
  const run = (...words: readonly string[]) =>
    execFileSync('buildah', words, { env, cwd: checkout, stdio: 'pipe' })
  const build = ['build', '--isolation', 'chroot', '--layers', '--format', 'oci', '--timestamp', '1767690000']
  run(...build, ...args.flatMap((arg) => ['--build-arg', arg]), '--tag', name, '.')
  run('push', '--quiet', '--tls-verify=false', name, `docker://${name}:latest`)
}

/** Two runs for one commit at once. */
async function together(at: Place): Promise<void> {
  const checkout = checkoutOf(at, 'small', small)
  const stores = ['left', 'right'].map((name) => storeEnv(at, name))
  const digests = new Set<string>()
  let moved = 0
  for (let round = 0; round < rounds; round += 1) {
    const name = `together/r${round}`
    const runs = await Promise.all(stores.map((env) => built(requestOf(at, name, checkout, env))))
    for (const { digest, tag } of runs) {
      digests.add(digest)
      const target = requestOf(at, name, checkout, {}).repository
      const served = await resolveTag(registry, target, tag, never)
      if (!served.ok || served.value !== digest) moved += 1
    }
  }
  figure('two runs at once', digests.size === 1 && moved === 0, { rounds, digests: digests.size, moved })
}

/** A run that is killed after any time leaves no tag or a whole image, and the next one ends as if nothing had been. */
async function killed(at: Place): Promise<void> {
  const checkout = checkoutOf(at, 'small-killed', small)
  const run = (name: string) =>
    spawn(
      process.execPath,
      [join(import.meta.dirname, 'build/runner.ts'), at.host, at.dir, name, checkout, 'killed'],
      { stdio: 'ignore', detached: true },
    )
  const ended = (child: ReturnType<typeof spawn>) => new Promise((done) => child.once('close', done))
  const whole = await timed(async () => ended(run('killed/whole')))
  const want = await built(requestOf(at, 'killed/whole', checkout, storeEnv(at, 'killed')))
  let [dead, half, other] = [0, 0, 0]
  for (let round = 0; round < rounds; round += 1) {
    const name = `killed/r${round}`
    const child = run(name)
    const close = ended(child)
    // Spread over the whole run, so that each part of it is hit.
    await new Promise((wait) => setTimeout(wait, (whole.seconds * 1000 * (round + 1)) / (rounds + 1)))
    // Without a chance to tidy up; a builder that it started may go on for a moment.
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(child.pid, 'SIGKILL')
      dead += 1
    }
    await close
    const { repository } = requestOf(at, name, checkout, {})
    const left = await resolveTag(registry, repository, want.tag, never)
    if (!left.ok || (left.value !== undefined && left.value !== want.digest)) half += 1
    const after = await built(requestOf(at, name, checkout, storeEnv(at, 'killed')))
    if (after.digest !== want.digest) other += 1
  }
  figure('killed and run again', half === 0 && other === 0, { rounds, killed: dead, half, other })
}
