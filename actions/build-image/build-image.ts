import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { type Context, faultOutcome, type Outcome } from '../../src/action/index.ts'
import { configMissing, type ImageConfig, loadConfig } from '../../src/config/index.ts'
import {
  type BuiltImage,
  buildImage,
  type EvidenceOrder,
  fetchTool,
  openRegistry,
  parseRepository,
} from '../../src/image/index.ts'
import { formatDuration } from '../../src/release/index.ts'
import type { action } from './action.ts'

type BuildContext = Context<typeof action>
type BuildOutcome = Outcome<'digest' | 'reference' | 'tag' | 'sbom'>

export async function runBuildImage(context: BuildContext): Promise<BuildOutcome> {
  const { inputs, runner, env, exec, clock, logger, signal, endState } = context
  const file = resolve(runner.workspace, inputs.config)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return faultOutcome(configMissing(inputs.config))
  const config = loadConfig(text, inputs.config)
  if (!config.ok) return faultOutcome(config.fault)
  const repository = parseRepository(config.value.image.repository)
  if (!repository.ok) return faultOutcome(repository.fault)

  const evidence = evidenceOf(context, config.value.image.verify)
  endState('no tag was set; running again builds and pushes the same commit')
  const folder = dirname(file)
  const built = await buildImage({
    registry: await openRegistry(context),
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
    ...(evidence === undefined ? {} : { evidence }),
    tempDir: runner.temp,
    boundMs: inputs.timeout,
    programs: { exec, env, signal },
    clock,
    logger,
  })
  return built.ok ? answer(built.value) : faultOutcome(built.fault)
}

/** What the policy will ask for before a pin is made here; nothing when it asks for nothing. */
function evidenceOf(
  { inputs, runner, env, logger }: BuildContext,
  verify: ImageConfig['verify'],
): EvidenceOrder | undefined {
  if (verify === undefined || verify === 'off') return undefined
  const workflow = `${runner.serverUrl}/${env.GITHUB_WORKFLOW_REF ?? ''}`
  if (workflow !== verify.workflow) {
    logger.warn(
      `This run is ${workflow}; \`image.verify\` takes images of ${verify.workflow} alone, so this one will be refused.`,
    )
  }
  return {
    signing: verify.trust.kind === 'key' ? { kind: 'key', key: inputs['signing-key'] } : { kind: 'keyless' },
    tools: { fetch: fetchTool, machine: `${process.platform}/${process.arch}` },
    source: `${runner.serverUrl}/${runner.repository}`,
    workflow,
    run: `${runner.runUrl}/attempts/${runner.runAttempt}`,
  }
}

function answer({ digest, reference, tag, builder, existed, sboms, ms }: BuiltImage): BuildOutcome {
  return {
    verdict: 'pass',
    reason: existed ? 'nothing-to-do' : 'done',
    message: existed
      ? `The image of ${tag} was built before: ${reference}.`
      : `${reference} was ${builder === 'layout' ? 'pushed from its layout' : `built by ${builder} and pushed`} in ${formatDuration(ms)}.`,
    data: { version: 1, digest, reference, tag, builder, existed, sboms, ms },
    outputs: { digest, reference, tag, sbom: sboms.join('\n') },
    summary: [{ title: 'Image', body: `\`${reference}\`` }],
  }
}
