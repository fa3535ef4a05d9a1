import { describeProblems, readReviewed } from '../../config/index.ts'
import { err, ok, type Result } from '../../release/index.ts'
import { type TenantConfig, tenantSchema } from './schema.ts'

/** The file of overrides. */
export function readTenantConfig(text: string, file: string): Result<TenantConfig> {
  const read = readReviewed(text, tenantSchema, Object.keys(tenantSchema.shape))
  if (read.ok) return ok(read.value)
  const { sentence, at } = describeProblems(read.problems, file)
  return err({
    blame: 'user',
    reason: 'tenant-config-invalid',
    cause: `${file} cannot be used: ${sentence}.`,
    likely: 'A key is misspelt, or an exemption lacks its reason or its end.',
    next: 'Correct the file; docs/tenant-gate.md shows each key.',
    at,
  })
}
