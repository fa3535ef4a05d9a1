import type { Change, PropertyFacts, PropertySide } from '../schema/change.ts'
import type { Position } from './schema-position.ts'

interface Seen {
  readonly hidden: boolean
  readonly deep: boolean
  readonly turned: boolean
}

interface Edit {
  readonly id: string
  readonly breaking: boolean
}

/**
 * A property that came, went, or changed its duty, as one direction sees it: a readOnly property is no part of a
 * request and a writeOnly one no part of a response, whatever `required` says (OpenAPI 3.0.4, Schema Object).
 */
export function propertyEdit(
  change: Change,
  facts: PropertyFacts,
  position: Position,
  seen: Seen,
  breaking: boolean,
): Edit | undefined {
  const flag = position.side === 'request' ? 'readOnly' : 'writeOnly'
  const absent = (side: PropertySide | undefined): boolean => side?.[flag] === true
  const hidden =
    seen.hidden || [facts.base, facts.revision].every((side) => side === undefined || absent(side))
  const known = facts.base !== undefined || facts.revision !== undefined
  const open = !(hidden && known)
  const view: View = { change, facts, position, seen, breaking: breaking && open, hidden: hidden && known }
  switch (change.name) {
    case 'property-added':
      return added(view)
    case 'property-removed':
      return removed(view)
    case 'became-required':
    case 'became-optional':
      return duty(view)
    case 'became-read-only':
    case 'became-not-read-only':
    case 'became-write-only':
    case 'became-not-write-only':
      return visibility(view)
    default:
      return { id: `${plainPrefix(view)}${change.name}`, breaking: view.breaking }
  }
}

interface View {
  readonly change: Change
  readonly facts: PropertyFacts
  readonly position: Position
  readonly seen: Seen
  readonly breaking: boolean
  readonly hidden: boolean
}

function plainPrefix({ position }: View): string {
  if (position.kind === 'parameter') return 'request-parameter-'
  return position.kind === 'header' ? 'response-header-' : `${position.side}-`
}

function added(view: View): Edit {
  const { facts, position, breaking } = view
  const required = facts.revision?.required === true
  if (position.side === 'response') {
    const kind = view.hidden ? 'write-only-property' : 'property'
    return { id: `response-${required ? 'required' : 'optional'}-${kind}-added`, breaking }
  }
  if (position.requestHeader === true && required)
    return { id: 'new-required-request-header-property', breaking }
  if (!required || view.hidden) return { id: 'new-optional-request-property', breaking }
  const withDefault = facts.revision?.hasDefault === true ? '-with-default' : ''
  return { id: `new-required-request-property${withDefault}`, breaking }
}

function removed(view: View): Edit {
  const { facts, position, breaking } = view
  if (position.kind === 'parameter') return { id: 'request-parameter-property-removed', breaking }
  if (position.side === 'request') return { id: 'request-property-removed', breaking }
  const kind = view.hidden ? 'write-only-property' : 'property'
  return {
    id: `response-${facts.base?.required === true ? 'required' : 'optional'}-${kind}-removed`,
    breaking,
  }
}

function duty(view: View): Edit {
  const { change, facts, position, breaking } = view
  if (position.kind === 'parameter') {
    const prefix = position.requestHeader === true ? 'request-header-property' : 'request-parameter-property'
    return { id: `${prefix}-${change.name}`, breaking }
  }
  if (position.side === 'response') {
    return { id: `response-${view.hidden ? 'write-only-' : ''}property-${change.name}`, breaking }
  }
  const withDefault = change.name === 'became-required' && facts.revision?.hasDefault === true
  return { id: `request-property-${change.name}${withDefault ? '-with-default' : ''}`, breaking }
}

/** A property that enters the view of this direction is a new one to it, and one that leaves is gone. */
function visibility(view: View): Edit {
  const { change, facts, position, seen } = view
  const required = facts.revision?.required === true
  const id = `${position.side}-${required ? 'required' : 'optional'}-property-${change.name}`
  const enters =
    change.name === (position.side === 'request' ? 'became-not-read-only' : 'became-not-write-only')
  const leaves = change.name === (position.side === 'request' ? 'became-read-only' : 'became-write-only')
  if (seen.hidden) return { id, breaking: false }
  // Entering required narrows, leaving required widens.
  const breaking =
    position.serverReads !== seen.turned ? enters && required : leaves && facts.base?.required === true
  return { id, breaking }
}
