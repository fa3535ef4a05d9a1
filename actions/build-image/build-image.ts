import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type Context, faultOutcome, type Outcome } from '../../src/action/index.ts'
import { configMissing, loadConfig } from '../../src/config/index.ts'
import {
  type BuiltImage,
  buildImage,
  dockerCredentials,
  parseRepository,
  registryClient,
} from '../../src/image/index.ts'
import { formatDuration } from '../../src/release/index.ts'
import type { action } from './action.ts'

type BuildContext = Context<typeof action>
type BuildOutcome = Outcome<'digest' | 'reference' | 'tag'>

export async function runBuildImage(context: BuildContext): Promise<BuildOutcome> {
  const { inputs, runner, env, exec, fetch, clock, logger, signal, endState } = context
  const file = resolve(runner.workspace, inputs.config)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return faultOutcome(configMissing(inputs.config))
  const config = loadConfig(text, inputs.config)
  if (!config.ok) return faultOutcome(config.fault)
  const repository = parseRepository(config.value.image.repository)
  if (!repository.ok) return faultOutcome(repository.fault)

  endState('no tag was set; running again builds and pushes the same commit')
  const folder = dirname(file)
  const built = await buildImage({
    registry: registryClient({ fetch, clock, credentials: await findLogin(context) }),
    repository: repository.value,
    checkout: folder,
    context:
      inputs.context === undefined ? '.' : relative(folder, resolve(runner.workspace, inputs.context)) || '.',
    dockerfile: inputs.dockerfile,
    revision: inputs.commit,
    builder: inputs.builder,
    ...(inputs.layout === undefined ? {} : { layoutDir: resolve(runner.workspace, inputs.layout) }),
    labels: {
      'org.opencontainers.image.title': config.value.service,
      'org.opencontainers.image.source': `${runner.serverUrl}/${runner.repository}`,
    },
    buildArgs: inputs['build-args'] ?? [],
    platforms: inputs.platforms ?? [],
    tempDir: runner.temp,
    boundMs: inputs.timeout,
    programs: { exec, env, signal },
    clock,
    logger,
  })
  return built.ok ? answer(built.value) : faultOutcome(built.fault)
}

/** Docker's configuration, where every login action leaves what it has. */
async function findLogin({ env, exec, mask }: BuildContext) {
  const folder = env.DOCKER_CONFIG ?? join(env.HOME ?? '.', '.docker')
  const config = await readFile(join(folder, 'config.json'), 'utf8').catch(() => undefined)
  return dockerCredentials({ config, exec, env, mask })
}

function answer({ digest, reference, tag, builder, existed, ms }: BuiltImage): BuildOutcome {
  return {
    verdict: 'pass',
    reason: existed ? 'nothing-to-do' : 'done',
    message: existed
      ? `The image of ${tag} was built before: ${reference}.`
      : `${reference} was ${builder === 'layout' ? 'pushed from its layout' : `built by ${builder} and pushed`} in ${formatDuration(ms)}.`,
    data: { version: 1, digest, reference, tag, builder, existed, ms },
    outputs: { digest, reference, tag },
    summary: [{ title: 'Image', body: `\`${reference}\`` }],
  }
}
