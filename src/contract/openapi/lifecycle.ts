import { keyOf } from '../schema/json.ts'
import type { Place } from '../schema/place.ts'
import type { LifecyclePolicy } from '../types.ts'
import type { Context, Scope } from './context.ts'
import type { Operation } from './paths.ts'

/** An operation that went away. */
export function removedOperation(
  operation: Operation,
  wholePath: boolean,
  scope: Scope,
  revision: Place,
  context: Context,
): void {
  const family = wholePath ? 'api-path-removed' : 'api-removed'
  const { id, breaking, what } = removal(operation.place, family, context.policy.lifecycle)
  const { method, path } = scope
  context.report.raise({
    id,
    breaking,
    method,
    path,
    where: 'operation',
    what,
    base: operation.place,
    revision,
  })
}

/**
 * Without a lifecycle policy a deprecation is a notice and no leave: the removal breaks clients all the same. With
 * one, what was announced may go on the day that was announced.
 */
function removal(
  operation: Place,
  family: string,
  lifecycle: LifecyclePolicy | undefined,
): { readonly id: string; readonly breaking: boolean; readonly what: string } {
  const deprecated = keyOf(operation.value, 'deprecated') === true
  const announced = `${family}-with-deprecation`
  const what = 'the operation was removed'
  if (lifecycle === undefined) {
    return { id: deprecated ? announced : `${family}-without-deprecation`, breaking: true, what }
  }
  if (isUnstable(operation)) return { id: announced, breaking: false, what: 'a draft was removed' }
  if (!deprecated) return { id: `${family}-without-deprecation`, breaking: true, what }
  const sunset = sunsetOf(operation)
  if (sunset.kind === 'none') return { id: announced, breaking: false, what: `${what}; it was deprecated` }
  if (sunset.kind === 'invalid') {
    return { id: 'api-path-sunset-parse', breaking: true, what: `its sunset is no date: ${sunset.text}` }
  }
  const early = lifecycle.today.getTime() < sunset.date.getTime()
  if (!early) return { id: announced, breaking: false, what: `${what} after its sunset` }
  return {
    id: `${family}-before-sunset`,
    breaking: true,
    what: `${what} before its sunset on ${sunset.text}`,
  }
}

type Sunset =
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly text: string }
  | { readonly kind: 'date'; readonly date: Date; readonly text: string }

/** RFC 3339, a day or a moment. */
export function sunsetOf(place: Place): Sunset {
  const value = keyOf(place.value, 'x-sunset')
  if (value === undefined) return { kind: 'none' }
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const date = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(text) ? new Date(text) : new Date(Number.NaN)
  return Number.isNaN(date.getTime()) ? { kind: 'invalid', text } : { kind: 'date', date, text }
}

const levels = ['draft', 'alpha', 'beta', 'stable'] as const

function stabilityOf(place: Place): string {
  const value = keyOf(place.value, 'x-stability-level')
  return value === undefined ? 'stable' : typeof value === 'string' ? value : JSON.stringify(value)
}

export function isUnstable(place: Place): boolean {
  return isUnstableLevel(stabilityOf(place))
}

/** Deprecation, sunset and stability of an operation; silent unless the policy switches it on. */
export function compareOperationLifecycle(
  base: Operation,
  revision: Operation,
  scope: Scope,
  context: Context,
): void {
  const { lifecycle } = context.policy
  const { method, path } = scope
  const raise = (id: string, breaking: boolean, what: string): void =>
    context.report.raise({
      id,
      breaking: breaking && lifecycle !== undefined,
      method,
      path,
      where: 'operation',
      what,
      base: base.place,
      revision: revision.place,
    })
  const { lifecycle: policy } = context.policy
  const [level, newLevel] = [stabilityOf(base.place), stabilityOf(revision.place)]
  if (policy !== undefined) {
    for (const one of new Set([level, newLevel])) {
      if (!isLevel(one)) raise('api-invalid-stability-level', true, `the stability level is none: ${one}`)
    }
    if (isLevel(level) && isLevel(newLevel) && level !== newLevel) {
      const lower = levels.indexOf(newLevel) < levels.indexOf(level)
      const id = lower ? 'api-stability-decreased' : 'api-stability-increased'
      raise(id, lower, `stability, from ${level} to ${newLevel}`)
    }
  }
  const found = deprecationEdits(base.place, revision.place, operationIds, newLevel, policy)
  for (const { id, breaking, what } of found) raise(id, breaking, what)
}

/** A parameter, as far as it is announced to go. */
export function compareParameterLifecycle(
  base: Place,
  revision: Place,
  raise: (id: string, breaking: boolean, what: string) => void,
  { policy: { lifecycle } }: Context,
): void {
  const found = deprecationEdits(base, revision, parameterIds, stabilityOf(revision), lifecycle)
  for (const { id, breaking, what } of found) raise(id, breaking && lifecycle !== undefined, what)
}

/** A parameter that went away: with a lifecycle policy, an announced day is a promise. */
export function removedParameter(
  parameter: Place,
  lifecycle: LifecyclePolicy | undefined,
): { readonly id: string; readonly breaking: boolean; readonly what: string } | undefined {
  if (lifecycle === undefined || isUnstable(parameter) || keyOf(parameter.value, 'deprecated') !== true) {
    return undefined
  }
  const { id, breaking, what } = removal(parameter, 'request-parameter-removed', lifecycle)
  const own = id === 'api-path-sunset-parse' ? parameterIds.unparsed : id
  return { id: own, breaking, what: what.replace('operation', 'parameter') }
}

interface LifecycleIds {
  readonly reactivated: string
  readonly deprecated: string
  readonly dated: string
  readonly unparsed: string
  readonly missing: string
  readonly deleted: string
  readonly tooSoon: string
  readonly movedTooSoon: string
}

const operationIds: LifecycleIds = {
  reactivated: 'endpoint-reactivated',
  deprecated: 'endpoint-deprecated',
  dated: 'endpoint-deprecated-with-sunset',
  unparsed: 'api-deprecated-sunset-parse',
  missing: 'api-deprecated-sunset-missing',
  deleted: 'sunset-deleted',
  tooSoon: 'api-sunset-date-too-small',
  movedTooSoon: 'api-sunset-date-changed-too-small',
}

const parameterIds: LifecycleIds = {
  reactivated: 'request-parameter-reactivated',
  deprecated: 'request-parameter-deprecated',
  dated: 'request-parameter-deprecated',
  unparsed: 'request-parameter-sunset-parse',
  missing: 'request-parameter-deprecated-sunset-missing',
  deleted: 'request-parameter-sunset-deleted',
  tooSoon: 'request-parameter-sunset-date-too-small',
  movedTooSoon: 'request-parameter-sunset-date-changed-too-small',
}

interface LifecycleEdit {
  readonly id: string
  readonly breaking: boolean
  readonly what: string
}

/** What was announced and taken back. Without a policy only that something is deprecated, or no longer. */
function deprecationEdits(
  base: Place,
  revision: Place,
  ids: LifecycleIds,
  level: string,
  lifecycle: LifecyclePolicy | undefined,
): readonly LifecycleEdit[] {
  const [was, is] = [base, revision].map(({ value }) => keyOf(value, 'deprecated') === true)
  const [before, after] = [sunsetOf(base), sunsetOf(revision)]
  const edits: LifecycleEdit[] = []
  const add = (id: string, breaking: boolean, what: string): void => void edits.push({ id, breaking, what })
  if (was === true && is === false) add(ids.reactivated, false, 'it is no longer deprecated')
  if (was === false && is === true) {
    const dated = after.kind === 'date'
    add(
      dated ? ids.dated : ids.deprecated,
      false,
      dated ? `deprecated, with sunset on ${after.text}` : 'deprecated',
    )
  }
  if (lifecycle === undefined || is !== true || isUnstableLevel(level)) return edits
  const days = level === 'beta' ? lifecycle.betaDays : lifecycle.stableDays
  if (after.kind === 'invalid') add(ids.unparsed, true, `the sunset is no date: ${after.text}`)
  else if (after.kind === 'none') {
    if (was === true && before.kind !== 'none') add(ids.deleted, true, 'the sunset was taken back')
    else if (was === false && days > 0) add(ids.missing, true, 'deprecated without a sunset')
  } else {
    const earliest = lifecycle.today.getTime() + days * 86_400_000
    const tooSoon = after.date.getTime() < earliest
    if (was === false && tooSoon)
      add(ids.tooSoon, true, `the sunset ${after.text} is less than ${days} days away`)
    if (was === true && before.kind === 'date' && after.date.getTime() < before.date.getTime() && tooSoon) {
      add(ids.movedTooSoon, true, `the sunset was moved from ${before.text} to ${after.text}`)
    }
    if (was === true && before.kind === 'invalid')
      add(ids.unparsed, true, `the sunset was no date: ${before.text}`)
  }
  return edits
}

const isUnstableLevel = (level: string): boolean => ['draft', 'alpha'].includes(level)

function isLevel(text: string): text is (typeof levels)[number] {
  return levels.some((level) => level === text)
}
