import { err, FaultError, ok, type Result } from '../../release/index.ts'
import { createReport, type Report } from '../openapi/report.ts'
import type { Comparison, Policy } from '../types.ts'
import { raiseAvro } from './avro.ts'
import type { Catalogue, Entry } from './catalogue.ts'
import { comparePayloads } from './payload.ts'

const dayMs = 86_400_000
/** Consumers get at least this long between the announcement and the end of a version. */
const leastWindowMs = 30 * dayMs
/** More versions of one event than this at a time are a migration that nobody finishes. */
const mostLive = 2

const isLive = ({ status, publishes }: Entry): boolean =>
  publishes && (status === 'active' || status === 'deprecated')

/**
 * What a catalogue may change while the one of before is deployed: a version stays as it is (E1), goes only when
 * nobody listens (E2), and gets its successor beside it and not in its place (E3, E4, E6).
 */
export function compareCatalogues(base: Catalogue, revision: Catalogue, policy: Policy): Result<Comparison> {
  const report = createReport(base, revision, policy)
  try {
    for (const [type, before] of base.events) {
      const after = revision.events.get(type) ?? []
      for (const old of before) compareVersion(old, after, revision, report, policy)
      compareMajors(before, after, report, policy)
    }
    for (const [type, entries] of revision.events) {
      for (const one of entries) checkEntry(one, report)
      if (base.events.has(type)) continue
      for (const one of entries) tell('event-added', false, one, 'is published for the first time', report)
    }
  } catch (error) {
    if (error instanceof FaultError) return err(error.fault)
    throw error
  }
  return ok(report.finish())
}

const nameOf = ({ type, version }: Pick<Entry, 'type' | 'version'>): string => `${type} v${version}`

function tell(
  id: string,
  breaking: boolean,
  entry: Entry,
  what: string,
  report: Report,
  other?: { readonly base: Entry },
): void {
  const { place } = entry
  report.raise({
    id,
    breaking,
    where: nameOf(entry),
    what,
    subject: nameOf(entry),
    ...(other === undefined ? { revision: place } : { base: other.base.place, revision: place }),
  })
}

/** E1, E2: a version that is deployed. */
function compareVersion(
  old: Entry,
  after: readonly Entry[],
  revision: Catalogue,
  report: Report,
  policy: Policy,
): void {
  if (!isLive(old)) {
    const back = after.find(({ version }) => version === old.version)
    if (old.status === 'retired' && back !== undefined && isLive(back)) {
      tell('event-major-reused', true, back, 'was retired and comes back under its old number', report, {
        base: old,
      })
    }
    return
  }
  const now = after.find(({ version }) => version === old.version)
  const gone =
    now === undefined
      ? 'is not in the catalogue any more'
      : !isLive(now)
        ? 'is not published any more'
        : now.subject !== old.subject
          ? `moved from ${old.subject} to ${now.subject}`
          : now.body.format !== old.body.format
            ? `is ${now.body.format} and was ${old.body.format}`
            : undefined
  if (gone !== undefined) {
    const open = stillNeeded(old, policy.today)
    report.raise({
      id: open.length === 0 ? 'event-retired' : 'event-retired-early',
      breaking: open.length > 0,
      where: nameOf(old),
      what: open.length === 0 ? `${gone}; nobody listens` : `${gone}, and ${open.join(', and ')}`,
      subject: nameOf(old),
      base: old.place,
      revision: now?.place ?? revision.root,
    })
    return
  }
  if (now !== undefined) compareBodies(old, now, report, policy)
}

/** Why a version may not go yet: by what the deployed catalogue says, for the change must not vouch for itself. */
export function stillNeeded(entry: Entry, today: Date | undefined): readonly string[] {
  const why: string[] = []
  if (entry.status !== 'deprecated') why.push('the deployed catalogue does not say that it is deprecated')
  if (entry.consumers.length > 0) {
    why.push(`${entry.consumers.map(({ service }) => service).join(', ')} still consumes it`)
  }
  if (entry.sunset === undefined) why.push('it has no sunset')
  else {
    const end = Date.parse(entry.sunset) + entry.retentionMs
    if (today === undefined || today.getTime() < end) {
      const kept = entry.retentionMs === 0 ? '' : ' and the retention of its messages'
      why.push(`its sunset on ${entry.sunset}${kept} has not passed`)
    }
  }
  return why
}

function compareBodies(old: Entry, now: Entry, report: Report, policy: Policy): void {
  if (old.body.format === 'avro' && now.body.format === 'avro') {
    raiseAvro(old.body.document, now.body.document, nameOf(old), report)
  } else if (old.body.format === 'json-schema' && now.body.format === 'json-schema') {
    const [from, to] = [old.body.document, now.body.document]
    const sides = [
      { document: from, schema: from.root },
      { document: to, schema: to.root },
    ] as const
    comparePayloads(...sides, ['consumers', 'messages'], nameOf(old), report, policy)
  }
}

/** E3, E4: a new major version beside one that is deployed. */
function compareMajors(
  before: readonly Entry[],
  after: readonly Entry[],
  report: Report,
  policy: Policy,
): void {
  const known = new Set(before.map(({ version }) => version))
  const highest = Math.max(0, ...known)
  const live = after.filter(isLive)
  const [newest] = live.toReversed()
  for (const added of after.filter(({ version, status }) => !known.has(version) && status !== 'proposed')) {
    if (added.version < highest) {
      tell('event-major-order', true, added, `comes after v${highest}: versions only rise`, report)
    }
    const old = live.findLast(({ version }) => version < added.version && known.has(version))
    if (old === undefined) {
      tell('event-version-added', false, added, 'is a new version', report)
      continue
    }
    const beside = { base: before.find(({ version }) => version === old.version) ?? old }
    tell('event-version-added', false, added, `is published beside v${old.version}`, report, beside)
    if (old.subject === added.subject) {
      tell(
        'event-subject-shared',
        true,
        added,
        `is published on ${old.subject}, as v${old.version} is`,
        report,
        beside,
      )
    }
    checkWindow(old, report)
    if (isSame(beside.base, added, policy)) {
      tell(
        'event-needless-major',
        false,
        added,
        `takes and gives the same as v${old.version}`,
        report,
        beside,
      )
    }
    if (added.translator === undefined && old.translator === undefined) {
      const what = 'names no translator: nothing shows that both versions say the same'
      tell('event-dual-publish-unproven', false, added, what, report, beside)
    }
  }
  if (live.length > mostLive && newest !== undefined && live.length > before.filter(isLive).length) {
    tell(
      'event-too-many-majors',
      true,
      newest,
      `is one of ${live.length} versions that are published`,
      report,
    )
  }
}

/** The old version has to say until when it is published. */
function checkWindow(old: Entry, report: Report): void {
  const [from, until] = [old['deprecated-on'], old.sunset]
  if (old.status !== 'deprecated' || from === undefined || until === undefined) {
    const what = 'has a successor, and no `status: deprecated` with `deprecated-on` and `sunset`'
    tell('event-pair-not-deprecated', true, old, what, report)
    return
  }
  const least = Math.max(leastWindowMs, old.retentionMs)
  if (Date.parse(until) - Date.parse(from) < least) {
    const what = `ends ${until}, less than ${Math.round(least / dayMs)} days after ${from}`
    tell('event-window-too-short', true, old, what, report)
  }
}

/** Whether two versions of an event could have been one, for neither would break the other. */
function isSame(old: Entry, added: Entry, policy: Policy): boolean {
  const nothing = { lineOf: () => undefined }
  const report = createReport(nothing, nothing, policy)
  if (old.body.format !== added.body.format) return false
  compareBodies(old, added, report, policy)
  return report.finish().counts.error === 0
}

/** E6: a subject says which version it carries. */
function checkEntry(entry: Entry, report: Report): void {
  const named = entry.subject.split(/[./]/).includes(`v${entry.version}`)
  if (named || !isLive(entry)) return
  const other = /(?:^|[./])v(\d+)(?:[./]|$)/.exec(entry.subject)?.[1]
  if (other === undefined) return
  tell(
    'event-subject-version',
    true,
    entry,
    `is published on ${entry.subject}, which is of v${other}`,
    report,
  )
}
