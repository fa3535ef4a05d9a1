import { err, nearest, ok, type Result } from '../release/index.ts'
import type { Config, Environment } from './config.ts'
import { clip } from './document.ts'

/** The environment of that name. A name that a person typed wrong is answered with the nearest one. */
export function environment(config: Config, name: string): Result<Environment> {
  const found = Object.hasOwn(config.environments, name) ? config.environments[name] : undefined
  if (found !== undefined) return ok(found)
  return err(unknown(name, Object.keys(config.environments), 'environment'))
}

/** The same for a region of the train: a stage is no region, and the message says so. */
export function region(config: Config, name: string): Result<Environment> {
  const found = environment(config, name)
  if (!found.ok || found.value.production) return found
  return err(unknown(name, config.train.order, 'region'))
}

function unknown(name: string, known: readonly string[], what: 'environment' | 'region') {
  const near = nearest(name, known)
  const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`
  return {
    blame: 'user',
    reason: 'environment-unknown',
    cause: `\`${clip(name)}\` is no ${what} of this service.${hint}`,
    likely: 'The name is misspelt, or the input belongs to another service.',
    next: `Use one of ${known.map((one) => `\`${one}\``).join(', ')}.`,
  } as const
}
