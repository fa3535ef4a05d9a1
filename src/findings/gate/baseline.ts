import * as z from 'zod'
import type { Identified } from '../identity/identify.ts'
import { parseJson } from '../json/bounded.ts'
import type { MatchRun } from '../match/match.ts'
import { severities } from '../types.ts'

/** What a run leaves for the next one: enough to know findings again, and nothing of the code itself. */
const entry = z.strictObject({
  id: z.string(),
  rule: z.string(),
  formerRules: z.array(z.string()).optional(),
  severity: z.enum(severities),
  file: z.string().optional(),
  line: z.int().positive().optional(),
  shape: z.string(),
  code: z.string().optional(),
  whole: z.record(z.string(), z.string()).optional(),
  fingerprints: z.record(z.string(), z.string()).optional(),
  firstSeen: z.iso.datetime({ offset: true }).optional(),
})

const form = z.strictObject({
  schema: z.literal('tuesday/findings-baseline/v1'),
  commit: z.string().optional(),
  runs: z.array(
    z.strictObject({
      tool: z.string(),
      toolVersion: z.string().optional(),
      category: z.string().optional(),
      rules: z.array(z.string()).optional(),
      scanned: z.int().min(0).optional(),
      findings: z.array(entry),
    }),
  ),
})

export interface BaselineRun extends MatchRun {
  readonly scanned?: number
}

export interface Baseline {
  readonly commit?: string
  readonly runs: readonly BaselineRun[]
}

export type ReadBaseline = { readonly baseline: Baseline } | { readonly why: string }

export function readBaseline(bytes: Uint8Array): ReadBaseline {
  const parsed = parseJson(bytes)
  if ('refused' in parsed) return { why: parsed.why }
  const checked = form.safeParse(parsed.value)
  if (!checked.success) {
    const issue = checked.error.issues[0]
    return { why: `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'is of another form'}` }
  }
  const { commit, runs } = checked.data
  return {
    baseline: {
      ...(commit === undefined ? {} : { commit }),
      runs: runs.map(({ findings, ...run }) => ({
        ...definedOnly(run),
        tool: run.tool,
        findings: findings.map(finding),
      })),
    },
  }
}

function finding({ file, line, ...one }: z.output<typeof entry>): Identified {
  return {
    ...definedOnly(one),
    id: one.id,
    rule: one.rule,
    severity: one.severity,
    shape: one.shape,
    message: one.shape,
    ...(file === undefined ? {} : { location: { file, ...(line === undefined ? {} : { line }) } }),
  }
}

function definedOnly<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

/** The baseline of the next run. `firstSeen` is carried on, so that age counts from the first sight. */
export function writeBaseline(
  commit: string,
  runs: readonly BaselineRun[],
  firstSeen: (finding: Identified) => string,
): string {
  const document = {
    schema: 'tuesday/findings-baseline/v1',
    commit,
    runs: runs.map(({ tool, toolVersion, category, rules, scanned, findings }) => ({
      tool,
      toolVersion,
      category,
      rules,
      scanned,
      findings: findings.map((one) => ({
        id: one.id,
        rule: one.rule,
        formerRules: one.formerRules,
        severity: one.severity,
        file: one.location?.file,
        line: one.location?.line,
        shape: one.shape,
        code: one.code,
        whole: one.whole,
        fingerprints: one.fingerprints,
        firstSeen: firstSeen(one),
      })),
    })),
  }
  return `${JSON.stringify(document, null, 1)}\n`
}
