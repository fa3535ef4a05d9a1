import * as z from 'zod'
import { fileSchema } from './schema.ts'

/**
 * The form of tuesday.yaml for editors. What a pattern cannot say (zones, dates, how parts agree) is checked
 * by `loadConfig` only; this never refuses what that accepts.
 */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-07' })
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'tuesday.yaml',
    ...schema,
  }
}
