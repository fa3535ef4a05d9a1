import type { ReceiverConfig } from '../../config/index.ts'
import { err, ok, type Result } from '../../release/index.ts'
import { fault } from './ask.ts'
import { cloudEvents } from './receivers/cloudevents.ts'
import { grafana } from './receivers/grafana.ts'
import { pagerduty } from './receivers/pagerduty.ts'
import type { Receiver } from './receivers/receiver.ts'
import { slack } from './receivers/slack.ts'
import { teams } from './receivers/teams.ts'

export interface Surroundings {
  readonly env: Readonly<Record<string, string>>
  readonly mask: (secret: string) => void
  /** Whether an address may be used at all: a rehearsal tells only receivers of this machine. */
  readonly mayReach: (url: string) => boolean
}

/** A receiver with its secret, which is masked before it is used. Undefined where it must not be told. */
export function openReceiver(
  config: ReceiverConfig,
  { env, mask, mayReach }: Surroundings,
): Result<Receiver | undefined> {
  const { name } = config
  const variable = secretOf(config)
  const secret = variable === undefined ? undefined : (env[variable] ?? '')
  if (secret === '')
    return err({ ...fault('receiver-secret-missing', name, `${variable} is not set`), ...handOn(variable) })
  if (secret !== undefined) mask(secret)
  const address = 'api' in config ? config.api : 'url' in config ? config.url : secret
  if (URL.canParse(address ?? '') && !mayReach(address ?? '')) return ok(undefined)
  switch (config.kind) {
    case 'slack':
      return ok(slack({ name, api: config.api, channel: config.channel, token: secret ?? '' }))
    case 'teams':
      return URL.canParse(secret ?? '')
        ? ok(teams({ name, url: secret ?? '' }))
        : err({ ...fault('receiver-secret-missing', name, `${variable} holds no URL`), ...handOn(variable) })
    case 'pagerduty':
      return ok(pagerduty({ name, api: config.api, key: secret ?? '' }))
    case 'grafana':
      return ok(grafana({ name, url: config.url, token: secret ?? '' }))
    case 'cloudevents':
      return ok(cloudEvents({ name, url: config.url, ...(secret === undefined ? {} : { token: secret }) }))
  }
}

function secretOf(config: ReceiverConfig): string | undefined {
  switch (config.kind) {
    case 'teams':
      return config.urlEnv
    case 'pagerduty':
      return config.keyEnv
    default:
      return config.tokenEnv
  }
}

function handOn(variable: string | undefined) {
  return { blame: 'user' as const, next: `Add \`env: { ${variable}: \${{ secrets.… }} }\` to the step.` }
}
