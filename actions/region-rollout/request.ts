import type { Context } from '../../src/action/index.ts'
import type { SchemaClaims } from '../../src/ledger/index.ts'
import { type CommitSha, type Digest, err, ok, type Result } from '../../src/release/index.ts'
import { readClaims } from '../../src/train/index.ts'
import type { action } from './action.ts'

export type RolloutContext = Context<typeof action>
type Inputs = RolloutContext['inputs']
type Runner = RolloutContext['runner']

interface ReleaseChoice {
  readonly digest?: Digest
  readonly configSha?: CommitSha
}

interface Said {
  readonly person: string
  readonly reason: string
}

/** What was asked for, with everything that its mode needs. */
export type Request =
  | { readonly mode: 'adopt'; readonly region: string; readonly person: string; readonly reason?: string }
  | {
      readonly mode: 'stage'
      readonly environment: string
      readonly digest: Digest
      readonly sourceSha: CommitSha
      readonly configSha: CommitSha
      readonly author: string
      readonly incident?: { readonly id: string; readonly severity: 'P1' | 'P2' }
      readonly claims?: SchemaClaims
      readonly waitMs: number
    }
  | ({ readonly mode: 'propose'; readonly person: string } & ReleaseChoice)
  | ({
      readonly mode: 'approve'
      readonly person: string
      readonly plan?: string
      readonly evidence?: string
    } & ReleaseChoice)
  | ({ readonly mode: 'revoke' | 'veto' } & Said & ReleaseChoice)
  | ({ readonly mode: 'cancel' } & Said)
  | ({ readonly mode: 'exclude' | 'include' | 'failback'; readonly region: string } & Said)
  | ({
      readonly mode: 'failover'
      readonly region: string
      readonly to: string
      readonly facts: unknown
    } & Said)
  | { readonly mode: 'observe'; readonly environment: string }
  | { readonly mode: 'next' | 'status'; readonly facts: unknown }
  | {
      readonly mode: 'record'
      readonly transition: string
      readonly verdict: NonNullable<Inputs['outcome']>
      readonly reason: string
      readonly why: string
      readonly level?: number
    }
  | ({ readonly mode: 'hold'; readonly region: string; readonly skip: boolean } & Said)
  | { readonly mode: 'resume'; readonly region?: string; readonly person: string; readonly reason: string }
  | { readonly mode: 'halt'; readonly person: string; readonly reason: string }

const needed: Readonly<Record<Inputs['mode'], readonly (keyof Inputs)[]>> = {
  adopt: ['environment', 'person'],
  stage: ['environment', 'digest'],
  propose: [],
  approve: ['person'],
  observe: ['environment'],
  next: ['facts'],
  record: ['transition', 'outcome'],
  hold: ['environment', 'person', 'reason'],
  resume: ['person', 'reason'],
  halt: ['person', 'reason'],
  revoke: ['person', 'reason'],
  cancel: ['person', 'reason'],
  veto: ['person', 'reason', 'digest'],
  exclude: ['environment', 'person', 'reason'],
  include: ['environment', 'person', 'reason'],
  failover: ['environment', 'to', 'person', 'reason', 'facts'],
  failback: ['environment', 'person', 'reason'],
  status: [],
}

/** All that the mode lacks in one message, before anything is read. */
export function checkRequest(inputs: Inputs, runner: Pick<Runner, 'sha' | 'actor'>): Result<Request> {
  const missing = needed[inputs.mode].filter((name) => inputs[name] === undefined)
  // An incident without a severity, or the other way round, is half a hotfix.
  if (inputs.mode === 'stage' && (inputs.incident === undefined) !== (inputs.severity === undefined))
    missing.push(inputs.incident === undefined ? 'incident' : 'severity')
  if (missing.length > 0) return err(lacks(inputs.mode, missing))
  const { environment = '', person = '', reason = '', digest, plan } = inputs
  const sourceSha = (inputs['source-sha'] ?? runner.sha) as CommitSha
  const configSha = inputs['config-sha'] as CommitSha | undefined
  const choice: ReleaseChoice = {
    ...(digest !== undefined && { digest: digest as Digest }),
    ...(configSha !== undefined && { configSha }),
  }
  switch (inputs.mode) {
    case 'adopt':
      return ok({ mode: 'adopt', region: environment, person, ...(reason !== '' && { reason }) })
    case 'stage': {
      const author = inputs.person ?? runner.actor
      const release = { digest: digest as Digest, sourceSha, configSha: configSha ?? sourceSha, author }
      const origin = originOf(inputs)
      if (inputs.schema === undefined)
        return ok({ mode: 'stage', environment, waitMs: inputs.wait, ...release, ...origin })
      const claims = readClaims(inputs.schema)
      if (!claims.ok) return claims
      return ok({
        mode: 'stage',
        environment,
        waitMs: inputs.wait,
        ...release,
        ...origin,
        claims: claims.value,
      })
    }
    case 'propose':
      return ok({ mode: 'propose', person: inputs.person ?? runner.actor, ...choice })
    case 'approve':
      return ok({
        mode: 'approve',
        person,
        ...choice,
        ...(plan !== undefined && { plan }),
        ...(reason !== '' && { evidence: reason }),
      })
    case 'revoke':
    case 'veto':
      return ok({ mode: inputs.mode, person, reason, ...choice })
    case 'cancel':
      return ok({ mode: 'cancel', person, reason })
    case 'exclude':
    case 'include':
    case 'failback':
      return ok({ mode: inputs.mode, region: environment, person, reason })
    case 'failover': {
      const { to = '', facts = [] } = inputs
      return ok({ mode: 'failover', region: environment, to, facts, person, reason })
    }
    case 'observe':
      return ok({ mode: 'observe', environment })
    case 'next':
    case 'status':
      return ok({ mode: inputs.mode, facts: inputs.facts ?? [] })
    case 'record': {
      const verdict = inputs.outcome ?? 'unknown'
      const code = inputs['outcome-reason'] ?? verdict
      const why = reason === '' ? code : reason
      const level = inputs['schema-level']
      return ok({
        mode: 'record',
        transition: inputs.transition ?? '',
        verdict,
        reason: code,
        why,
        ...(level !== undefined && { level: Number(level) }),
      })
    }
    case 'hold':
      return ok({ mode: 'hold', region: environment, person, reason, skip: inputs.skip })
    case 'resume':
      return ok({
        mode: 'resume',
        person,
        reason,
        ...(inputs.environment !== undefined && { region: environment }),
      })
    case 'halt':
      return ok({ mode: 'halt', person, reason })
  }
}

function originOf({ incident, severity }: Inputs) {
  return {
    ...(incident !== undefined && severity !== undefined && { incident: { id: incident, severity } }),
  }
}

function lacks(mode: string, missing: readonly string[]) {
  const names = missing.map((name) => `\`${name}\``).join(', ')
  return {
    blame: 'user',
    reason: 'invalid-input',
    cause: `Mode \`${mode}\` needs ${names}.`,
    likely: 'The input is not set in the workflow, or the step before gave it no value.',
    next: `Set ${names} under \`with\`.`,
  } as const
}
