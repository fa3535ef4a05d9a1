import { FaultError } from '../../release/index.ts'
import { missingTarget } from '../faults.ts'
import { createComparer } from './compare.ts'
import type { Effect } from './effect.ts'
import { at, rootPlace } from './place.ts'
import { createShapes, type Shapes } from './shapes.ts'

/**
 * What replacing one JSON Schema document by another does to the instances that are accepted. References stay within
 * the document; one that leads nowhere is a FaultError.
 */
export function effectOfSchemas(
  base: unknown,
  revision: unknown,
  contentModel: 'tolerant' | 'strict' = 'tolerant',
): Effect {
  const [from, to] = [sideOf('base', base), sideOf('revision', revision)]
  const comparer = createComparer(from.shapes, to.shapes, { contentModel })
  return comparer.judge(comparer.pair(from.shape, to.shape))
}

function sideOf(file: string, value: unknown): { shapes: Shapes; shape: ReturnType<Shapes['of']> } {
  const root = rootPlace({ file, dialect: 'json-schema' }, value)
  const shapes = createShapes((_, ref) => {
    const keys = ref.split('/').slice(1)
    const target = at(root, ...keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')))
    if (!/^#(\/|$)/.test(ref) || target.value === undefined)
      throw new FaultError(missingTarget(ref, { file }))
    return target
  })
  return { shapes, shape: shapes.of([root]) }
}
