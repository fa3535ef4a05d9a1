import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { type Context, faultOutcome } from '../../src/action/index.ts'
import { configMissing, type ImageConfig, loadConfig } from '../../src/config/index.ts'
import {
  buildImage,
  type EvidenceOrder,
  fetchTool,
  knownSecrets,
  openRegistry,
  parseRepository,
  type QualityRules,
  type Repository,
  type SecretMount,
} from '../../src/image/index.ts'
import { type Digest, err, ok, type Result } from '../../src/release/index.ts'
import type { action } from './action.ts'
import { answer, type BuildOutcome } from './answer.ts'

/** A shorter value stands in every image by chance. */
const shortestSearched = 8

type BuildContext = Context<typeof action>

export async function runBuildImage(context: BuildContext): Promise<BuildOutcome> {
  const { inputs, runner, env, exec, clock, logger, signal, endState } = context
  const file = resolve(runner.workspace, inputs.config)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return faultOutcome(configMissing(inputs.config))
  const config = loadConfig(text, inputs.config)
  if (!config.ok) return faultOutcome(config.fault)
  const repository = parseRepository(config.value.image.repository)
  if (!repository.ok) return faultOutcome(repository.fault)

  const secrets = parseSecrets(inputs.secrets ?? [], env)
  if (!secrets.ok) return faultOutcome(secrets.fault)
  const mountFrom = parseRepositories(inputs['mount-from'] ?? [])
  if (!mountFrom.ok) return faultOutcome(mountFrom.fault)
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
    secrets: secrets.value,
    platforms: inputs.platforms ?? [],
    ...(inputs['release-tag'] === undefined ? {} : { releaseTag: inputs['release-tag'] }),
    mountFrom: mountFrom.value,
    ...(evidence === undefined ? {} : { evidence }),
    ...(inputs.live === undefined ? {} : { live: inputs.live as Digest }),
    quality: await qualityRules(context, secrets.value),
    tempDir: runner.temp,
    boundMs: inputs.timeout,
    programs: { exec, env, signal },
    clock,
    logger,
  })
  return built.ok ? answer(built.value) : faultOutcome(built.fault)
}

/** ID=VARIABLE; a variable that is not set would be an empty secret, and a build that fails late. */
function parseSecrets(
  lines: readonly string[],
  env: Readonly<Record<string, string>>,
): Result<readonly SecretMount[]> {
  const parsed: SecretMount[] = []
  for (const line of lines) {
    const [, id, name] = /^([A-Za-z0-9_.-]+)=([A-Za-z_][A-Za-z0-9_]*)$/.exec(line) ?? []
    if (id === undefined || name === undefined || (env[name] ?? '') === '') {
      return err({
        blame: 'user',
        reason: 'invalid-input',
        cause:
          id === undefined
            ? 'A line of `secrets` is not of the form ID=VARIABLE.'
            : `\`secrets\` names the variable ${name}, which is not set.`,
        likely: 'The secret itself was written there, or `env` of the step does not hold it.',
        next: 'Give the step the secret under `env`, and name its variable: `npm=NPM_TOKEN`.',
      })
    }
    parsed.push({ id, env: name })
  }
  return ok(parsed)
}

function parseRepositories(texts: readonly string[]): Result<readonly Repository[]> {
  const parsed: Repository[] = []
  for (const text of texts) {
    const one = parseRepository(text)
    if (!one.ok) return one
    parsed.push(one.value)
  }
  return ok(parsed)
}

/** Values with the name of a secret are masked here, too: a build argument is printed by the step that uses it. */
async function qualityRules(
  { inputs, runner, env, clock, mask }: BuildContext,
  mounted: readonly SecretMount[],
): Promise<QualityRules> {
  const pairs = (inputs['build-args'] ?? []).map((line): [string, string] => {
    const at = line.indexOf('=')
    return at < 0 ? [line, env[line] ?? ''] : [line.slice(0, at), line.slice(at + 1)]
  })
  const byMount = mounted.map((secret) => ({ name: secret.env, value: env[secret.env] ?? '' }))
  const searched = byMount.filter(({ value }) => value.length >= shortestSearched)
  const secrets = [...knownSecrets([...Object.entries(env), ...pairs]), ...searched]
  for (const { value } of secrets) mask(value)
  const text = await readFile(resolve(runner.workspace, inputs.waivers), 'utf8').catch(() => undefined)
  return {
    secrets,
    maxGrowthPercent: inputs['max-growth'],
    today: clock.now().toISOString().slice(0, 10),
    ...(text === undefined ? {} : { waivers: { file: inputs.waivers, text } }),
  }
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
