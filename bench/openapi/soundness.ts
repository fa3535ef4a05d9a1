import { Ajv2020 } from 'ajv/dist/2020.js'
import { type Effect, effectOfSchemas } from '../../src/contract/index.ts'
import { FaultError } from '../../src/release/index.ts'
import { createRandom } from './random.ts'
import { randomInstance } from './random-instance.ts'
import { edited, type RandomSchema, randomRoot } from './random-schema.ts'

export interface Trial {
  readonly seed: number
  readonly base: RandomSchema
  readonly revision: RandomSchema
  readonly effect: Effect
  /** An instance that shows an effect which the comparer did not claim: a defect. */
  readonly unsound?: unknown
  /** What the comparer claims and what some instance showed. */
  readonly claimed: number
  readonly witnessed: number
}

const narrows = (effect: Effect): boolean => effect === 'narrows' || effect === 'both'
const widens = (effect: Effect): boolean => effect === 'widens' || effect === 'both'

/** One random pair of schemas, judged by the comparer and by ajv over many instances. Undefined: a schema was refused. */
export function runTrial(seed: number, instances = 60): Trial | undefined {
  const random = createRandom(seed)
  const base = randomRoot(random)
  const revision = random.chance(0.9) ? edited(base, random) : randomRoot(random)
  const [before, after] = [validator(base), validator(revision)]
  if (before === undefined || after === undefined || misjudged(base) || misjudged(revision)) return undefined
  const effect = judged(base, revision)
  if (effect === undefined) return undefined
  let [down, up] = [false, false]
  let unsound: { instance: unknown } | undefined
  for (let count = 0; count < instances; count += 1) {
    const instance = randomInstance(random)
    const [was, is] = [before(instance), after(instance)]
    if (was === undefined || is === undefined) return undefined
    down ||= was && !is
    up ||= !was && is
    if ((was && !is && !narrows(effect)) || (!was && is && !widens(effect))) unsound ??= { instance }
  }
  return {
    seed,
    base,
    revision,
    effect,
    claimed: Number(narrows(effect)) + Number(widens(effect)),
    witnessed: Number(down && narrows(effect)) + Number(up && widens(effect)),
    ...(unsound === undefined ? {} : { unsound: unsound.instance }),
  }
}

/** Undefined where a schema is nothing but a circle of references, which is refused with a fault. */
function judged(base: RandomSchema, revision: RandomSchema): Effect | undefined {
  try {
    return effectOfSchemas(base, revision, 'strict')
  } catch (error) {
    if (error instanceof FaultError && error.fault.reason === 'contract-reference-cycle') return undefined
    throw error
  }
}

/**
 * ajv 8.20 lets `[]` pass `contains` where `prefixItems` stands beside it, and what `contains` leaves unevaluated
 * depends on how a schema of everything is spelt; so it cannot be asked about these.
 */
function misjudged(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  if ('contains' in schema && ('prefixItems' in schema || 'unevaluatedItems' in schema)) return true
  return Object.values(schema).some(misjudged)
}

let ajv: Ajv2020 | undefined
let compiled = 0

function validator(schema: RandomSchema): ((instance: unknown) => boolean | undefined) | undefined {
  try {
    compiled += 1
    // A new one now and then, for it keeps everything that it has compiled.
    if (ajv === undefined || compiled % 500 === 0) {
      ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false, logger: false })
    }
    const check = ajv.compile(schema)
    return (instance) => {
      try {
        return check(instance) === true
      } catch {
        // Code that ajv 8.20 makes for some nestings of unevaluatedProperties throws on every instance.
        return undefined
      }
    }
  } catch {
    return undefined
  }
}
