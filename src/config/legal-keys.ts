import * as z from 'zod'
import { nearest } from '../release/index.ts'
import type { Path } from './document.ts'

/** The keys of the map at `path`; undefined where no fixed keys are expected. */
export function legalKeys(schema: z.ZodType, path: Path): readonly string[] | undefined {
  let here: z.ZodType | undefined = schema
  for (const part of path) here = here === undefined ? undefined : child(unwrap(here), String(part))
  const found = here === undefined ? undefined : unwrap(here)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : undefined
}

/** What the person most likely meant by an unknown key: one of this map, or the same word in another map. */
export function meant(
  schema: z.ZodType,
  path: Path,
  key: string,
): { readonly here: string } | { readonly elsewhere: string } | undefined {
  const here = nearest(key, legalKeys(schema, path) ?? [])
  if (here !== undefined) return { here }
  const elsewhere = [...everyKey(schema, '')].find(([name, place]) => name === key && place !== '')
  return elsewhere === undefined ? undefined : { elsewhere: elsewhere[1] }
}

function* everyKey(schema: z.ZodType, place: string): Generator<readonly [string, string]> {
  const here = unwrap(schema)
  if (here instanceof z.ZodObject) {
    for (const key of Object.keys(here.shape)) {
      yield [key, place]
      const next = shapeOf(here, key)
      if (next !== undefined) yield* everyKey(next, place === '' ? key : `${place}.${key}`)
    }
  } else if (here instanceof z.ZodRecord) {
    yield* everyKey(asType(here.valueType), `${place}.<name>`)
  } else if (here instanceof z.ZodArray) {
    yield* everyKey(asType(here.element), `${place}[]`)
  }
}

function child(schema: z.ZodType, part: string): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return shapeOf(schema, part)
  if (schema instanceof z.ZodRecord) return asType(schema.valueType)
  if (schema instanceof z.ZodArray) return asType(schema.element)
  return undefined
}

function shapeOf(schema: z.ZodObject, key: string): z.ZodType | undefined {
  return Object.hasOwn(schema.shape, key) ? asType(schema.shape[key]) : undefined
}

function unwrap(schema: z.ZodType): z.ZodType {
  let here = schema
  while (here instanceof z.ZodOptional || here instanceof z.ZodDefault || here instanceof z.ZodPrefault) {
    here = asType(here.unwrap())
  }
  return here
}

/** zod types the children of a schema as its smaller core interface; all of ours come from `z` itself. */
function asType(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema
  throw new TypeError('the schema of tuesday.yaml holds a part that is no zod type')
}
