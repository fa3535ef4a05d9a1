import { generateSync } from 'json-schema-faker'
import type { Schema } from '../api/schema.ts'
import type { Side } from '../types.ts'
import { fits, type Markers } from './markers.ts'

export interface BodyOptions {
  readonly seed: number
  readonly optionals: boolean
  readonly side: Side
  readonly markers: Markers
}

/** A value that a schema allows, with markers wherever any text may stand. Undefined when none can be made. */
export function generated(schema: Schema, { seed, optionals, side, markers }: BodyOptions): unknown {
  let moment = Date.UTC(2031, 0, 1) + seed * 86_400_000
  // Every moment is later than the one before it, for `from` stands before `to` in nearly every description.
  const later = () => {
    moment += 3_600_000
    return new Date(moment).toISOString()
  }
  const transform = (value: unknown, where: unknown): unknown =>
    typeof value === 'string' ? textFor(value, where, side, markers, later) : value
  try {
    return generateSync(schema, {
      seed,
      maxDepth: 6,
      refDepthMax: 2,
      maxDefaultItems: 2,
      ...(optionals ? { alwaysFakeOptionals: true } : { optionalsProbability: 0 }),
      outputTransform: transform,
    })
  } catch {
    // A schema that nothing can meet, or that asks for itself without end.
    return undefined
  }
}

function textFor(value: string, where: unknown, side: Side, markers: Markers, later: () => string): string {
  if (typeof where !== 'object' || where === null) return value
  const schema = where as Readonly<Record<string, unknown>>
  if (schema.enum !== undefined || schema.const !== undefined) return value
  switch (schema.format) {
    case undefined:
    case 'password':
    case 'byte':
    case 'hostname':
      break
    case 'email':
    case 'idn-email':
      return `${markers.fresh(side)}@example.com`
    case 'uri':
    case 'url':
    case 'iri':
      return `https://example.com/${markers.fresh(side)}`
    case 'date-time':
      return later()
    case 'date':
      return later().slice(0, 10)
    default:
      return value
  }
  const marker = markers.fresh(side)
  const padded = typeof schema.minLength === 'number' ? marker.padEnd(schema.minLength, 'z') : marker
  return [padded, padded.toUpperCase(), `${padded}-1`].find((text) => fits(text, schema)) ?? value
}
