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
  return ['draft', 'alpha'].includes(stabilityOf(place))
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
  const [was, is] = [base, revision].map(({ place }) => keyOf(place.value, 'deprecated') === true)
  if (was === true && is === false)
    raise('endpoint-reactivated', false, 'the operation is no longer deprecated')
  const [before, after] = [sunsetOf(base.place), sunsetOf(revision.place)]
  if (was === false && is === true) {
    const dated = after.kind === 'date'
    const id = dated ? 'endpoint-deprecated-with-sunset' : 'endpoint-deprecated'
    raise(id, false, dated ? `deprecated, with sunset on ${after.text}` : 'deprecated')
  }
  if (lifecycle === undefined) return
  const [level, newLevel] = [stabilityOf(base.place), stabilityOf(revision.place)]
  for (const one of new Set([level, newLevel])) {
    if (!isLevel(one)) raise('api-invalid-stability-level', true, `the stability level is none: ${one}`)
  }
  if (isLevel(level) && isLevel(newLevel) && levels.indexOf(newLevel) < levels.indexOf(level)) {
    raise('api-stability-decreased', true, `stability, from ${level} to ${newLevel}`)
  }
  if (is !== true || isUnstable(revision.place)) return
  const days = newLevel === 'beta' ? lifecycle.betaDays : lifecycle.stableDays
  if (after.kind === 'invalid') {
    raise('api-deprecated-sunset-parse', true, `the sunset is no date: ${after.text}`)
    return
  }
  if (after.kind === 'none') {
    if (was === true && before.kind !== 'none') raise('sunset-deleted', true, 'the sunset was taken back')
    else if (was === false && days > 0)
      raise('api-deprecated-sunset-missing', true, 'deprecated without a sunset')
    return
  }
  const earliest = new Date(lifecycle.today.getTime() + days * 86_400_000)
  const tooSoon = after.date.getTime() < earliest.getTime()
  if (was === false && tooSoon)
    raise('api-sunset-date-too-small', true, `the sunset ${after.text} is less than ${days} days away`)
  if (was === true && before.kind === 'date' && after.date.getTime() < before.date.getTime() && tooSoon) {
    raise(
      'api-sunset-date-changed-too-small',
      true,
      `the sunset was moved from ${before.text} to ${after.text}`,
    )
  }
}

function isLevel(text: string): text is (typeof levels)[number] {
  return levels.some((level) => level === text)
}
