import { readFile } from 'node:fs/promises'
import type { RunnerFacts } from '../../src/action/index.ts'
import { type CommitSha, err, type Fault, ok, parseCommitSha, type Result } from '../../src/release/index.ts'

/** What the event of the run says of branch and change. */
export interface EventFacts {
  readonly defaultBranch: string
  /** Where a push began. */
  readonly before?: CommitSha
}

export async function eventFacts({ eventPath }: RunnerFacts): Promise<EventFacts> {
  const text = eventPath === undefined ? '{}' : await readFile(eventPath, 'utf8').catch(() => '{}')
  const event = JSON.parse(text) as { before?: unknown; repository?: { default_branch?: unknown } }
  const branch = event.repository?.default_branch
  const before = parseCommitSha(String(event.before ?? ''))
  // A branch that was made by the push began nowhere.
  const known = before === undefined || /^0+$/.test(before) ? {} : { before }
  return { defaultBranch: typeof branch === 'string' ? branch : 'main', ...known }
}

export interface Bypass {
  readonly severity?: 'P1' | 'P2'
  readonly incident?: string
  readonly why?: string
}

/** A hotfix without an incident and a reason is a shortcut, and nobody could look at it later. */
export function bypassOf(
  severity: 'none' | 'P1' | 'P2',
  incident: string | undefined,
  why: string | undefined,
): Result<Bypass> {
  if (severity === 'none') return ok({})
  if (incident === undefined || incident.trim().length < 2 || why === undefined || why.trim().length < 8) {
    return err(
      invalid(
        'incident-missing',
        `A hotfix of ${severity} names no incident, or no reason.`,
        'Set `incident` and `why`.',
      ),
    )
  }
  return ok({ severity, incident: incident.trim(), why: why.trim() })
}

/** `prod-us=2026-11-17T14:05:00Z, prod-eu=…` */
export function startedOf(text = ''): Result<readonly { readonly region: string; readonly at: string }[]> {
  const items = text.split(/[\s,]+/).filter((item) => item !== '')
  const found = items.map((item) => {
    const [, region, at = ''] = /^([^=]+)=(.+)$/.exec(item) ?? []
    return region === undefined || Number.isNaN(Date.parse(at))
      ? undefined
      : { region, at: new Date(at).toISOString() }
  })
  const wrong = items[found.indexOf(undefined)]
  if (wrong !== undefined) {
    return err(
      invalid(
        'invalid-input',
        `\`started\` has ${wrong}, which is not region=time.`,
        'Write prod-us=2026-11-17T14:05:00Z.',
      ),
    )
  }
  return ok(found.filter((each) => each !== undefined))
}

export function instantOf(text: string | undefined): Result<Date | undefined> {
  if (text === undefined) return ok(undefined)
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? new Date(text)
    : new Date(Number.NaN)
  if (!Number.isNaN(at.getTime())) return ok(at)
  return err(
    invalid(
      'invalid-input',
      `\`now\` is ${text}, which is no RFC 3339 time with a zone.`,
      'Write 2026-11-17T14:05:00Z.',
    ),
  )
}

export function invalid(reason: 'invalid-input' | 'incident-missing', cause: string, next: string): Fault {
  return { blame: 'user', reason, cause, next }
}
