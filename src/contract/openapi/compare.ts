import { err, FaultError, ok, type Result } from '../../release/index.ts'
import { createChanged } from '../schema/changed.ts'
import { createComparer } from '../schema/compare.ts'
import { at, entriesOf } from '../schema/place.ts'
import { createShapes } from '../schema/shapes.ts'
import type { Comparison, Policy } from '../types.ts'
import type { Context, Scope } from './context.ts'
import type { Description } from './document.ts'
import { comparePaths } from './operations.ts'
import { createReport } from './report.ts'
import { compareGlobalSecurity, compareSecuritySchemes } from './security.ts'
import { compareServers } from './servers.ts'
import { swappedHint } from './swapped.ts'

/** Findings of the document as a whole belong to no operation. */
const everywhere: Scope = { method: '', path: '', turned: false }

/** What a description lets its clients do, against what the deployed one let them do. */
export function compareDescriptions(
  base: Description,
  revision: Description,
  policy: Policy = {},
): Result<Comparison> {
  const comparer = createComparer(createShapes(base.resolve), createShapes(revision.resolve), {
    contentModel: policy.contentModel ?? 'tolerant',
  })
  const report = createReport(base, revision, policy)
  const context: Context = {
    base,
    revision,
    comparer,
    report,
    policy,
    changed: createChanged(comparer),
    edits: new Map(),
  }
  try {
    comparePaths(at(base.root, 'paths'), at(revision.root, 'paths'), false, context)
    comparePaths(webhooksOf(base), webhooksOf(revision), true, context)
    compareGlobalSecurity(context, everywhere)
    compareSecuritySchemes(context)
    compareServers(at(base.root, 'servers'), at(revision.root, 'servers'), everywhere, context)
    compareComponents(context)
  } catch (error) {
    // References are followed where they are met; one that leads nowhere is a fault of the document.
    if (error instanceof FaultError) return err(error.fault)
    throw error
  }
  const swapped = swappedHint(base, revision)
  const comparison = report.finish()
  return ok(swapped === undefined ? comparison : { ...comparison, swapped })
}

/** `webhooks` is of 3.1; 3.0 documents use an extension. */
function webhooksOf({ root }: Description) {
  const here = at(root, 'webhooks')
  return here.value === undefined ? at(root, 'x-webhooks') : here
}

function compareComponents(context: Context): void {
  const [from, to] = [context.base.root, context.revision.root].map((root) =>
    at(root, 'components', 'schemas'),
  )
  if (from === undefined || to === undefined) return
  const kept = new Set(entriesOf(to).map(([name]) => name))
  for (const [name, place] of entriesOf(from)) {
    if (kept.has(name)) continue
    const what = 'the schema was removed from the components'
    context.report.raise({
      id: 'api-schema-removed',
      breaking: false,
      where: `schema ${name}`,
      what,
      subject: name,
      base: place,
      revision: to.value === undefined ? context.revision.root : to,
    })
  }
}
