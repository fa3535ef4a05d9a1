import type { Config } from '../config/index.ts'
import type { LedgerEvent, LedgerState } from '../ledger/index.ts'
import { html, htmlPage, type Markup } from './html.ts'
import { pageStyle } from './style.ts'
import { regionRows } from './timeline.ts'

/** When a region starts, as it is predicted or was. */
export interface PredictedStop {
  readonly region: string
  readonly at: Date
  readonly actual: boolean
  readonly local: string
  /** Days on which it could have gone and does not. */
  readonly slips: readonly { readonly day: string; readonly why: string }[]
}

export interface TrainPage {
  readonly config: Config
  readonly state: LedgerState
  readonly events: readonly LedgerEvent[]
  readonly now: Date
  /** Why it waits, and until when. */
  readonly why: string
  readonly until?: Date
  readonly gates: readonly {
    readonly name: string
    readonly region: string
    readonly verdict: string
    readonly why: string
  }[]
  /** Or why there is none. */
  readonly plan: { readonly stops: readonly PredictedStop[] } | { readonly without: string }
  /** Further tables, made elsewhere: a title, and rows of cells with a head. */
  readonly tables: readonly { readonly title: string; readonly rows: readonly (readonly string[])[] }[]
}

/**
 * The train on one page that needs no network: regions as rows, days of the train's zone as columns, what happened and
 * what is expected. Pure.
 */
export function trainPageHtml(page: TrainPage): string {
  const { config, state, why, until, gates, tables, now } = page
  const { halt, queue } = state
  const title = `${config.service}${state.train === undefined ? '' : ` ${state.train.release}`}`
  return htmlPage(
    title,
    pageStyle,
    html`<h1>${title}</h1>
<p class="note">As of ${now.toISOString()}. ${why}${until === undefined ? '' : ` Next at ${until.toISOString()}.`}</p>
${halt === undefined ? '' : html`<p class="halt">Halted by ${halt.by} at ${halt.at}: ${halt.why}</p>`}
${queue === undefined ? '' : html`<p class="note">${queue.release} waits behind it.</p>`}
<h2>Days</h2>
${daysTable(page)}
<h2>Regions</h2>
${table(
  ['region', 'phase', 'runs', 'since'],
  regionRows(state, config).map((r) => [r.region, r.phase, r.runs, r.since]),
)}
<h2>Checklist</h2>
${
  gates.length === 0
    ? html`<p>Nothing is asked of now.</p>`
    : table(
        ['gate', 'region', 'verdict', 'why'],
        gates.map((g) => [g.name, g.region, g.verdict, g.why]),
      )
}
${tables.map(({ title: name, rows: [head = [], ...rows] }) => html`<h2>${name}</h2>${table(head, rows)}`)}`,
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return html`<table><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table>`
}

const words: Readonly<
  Partial<Record<LedgerEvent['type'], { readonly word: string; readonly kind: string }>>
> = {
  started: { word: 'starts', kind: 'moving' },
  live: { word: 'serves', kind: 'moving' },
  verified: { word: 'verified', kind: 'done' },
  'canary-failed': { word: 'canary failed', kind: 'back' },
  'migration-failed': { word: 'migration failed', kind: 'back' },
  'rollback-started': { word: 'goes back', kind: 'back' },
  'rolled-back': { word: 'is back', kind: 'back' },
  held: { word: 'held', kind: 'held' },
  resumed: { word: 'goes on', kind: 'moving' },
}

interface Chip {
  readonly day: string
  readonly time: string
  readonly word: string
  readonly kind: string
  readonly title: string
}

function daysTable({ config, state, events, plan, now }: TrainPage): Markup {
  const zone = config.train.timezone
  const since = state.train?.proposedAt
  const chips = new Map(config.train.order.map((region) => [String(region), [] as Chip[]]))
  for (const event of events) {
    const shown = words[event.type]
    if (shown === undefined || !('region' in event) || since === undefined || event.at < since) continue
    chips.get(event.region)?.push({ ...clockOf(new Date(event.at), zone), ...shown, title: event.id })
  }
  const stops = 'stops' in plan ? plan.stops : []
  for (const { region, at, actual, local } of stops) {
    if (!actual)
      chips.get(region)?.push({ ...clockOf(at, zone), word: 'expected', kind: 'expected', title: local })
  }
  const days = daysOf([...chips.values()].flat(), clockOf(now, zone).day)
  const slips = stops.flatMap(({ region, slips: all }) =>
    all.map(({ day, why }) => `${region} ${day}: ${why}`),
  )
  return html`<table class="days">
<thead><tr><th>${zone}</th>${days.map((day) => html`<th>${weekday(day)}<br>${day}</th>`)}</tr></thead>
<tbody>
${[...chips].map(
  ([region, all]) => html`<tr><th>${region}</th>${days.map(
    (day) =>
      html`<td>${all
        .filter((chip) => chip.day === day)
        .map(
          ({ time, word, kind, title }) =>
            html`<span class="chip ${kind}" title="${title}">${time} ${word}</span>`,
        )}</td>`,
  )}</tr>
`,
)}</tbody>
</table>
${'without' in plan ? html`<p class="note">No prediction: ${plan.without}</p>` : ''}
${slips.length === 0 ? '' : html`<ul class="note">${slips.map((slip) => html`<li>${slip}</li>`)}</ul>`}`
}

/** Whole days from the first to the last chip; today is always there. A month at most: a page is no archive. */
function daysOf(chips: readonly Chip[], today: string): readonly string[] {
  const named = [...chips.map(({ day }) => day), today].sort()
  const first = Date.parse(named[0] ?? today)
  const last = Date.parse(named.at(-1) ?? today)
  const count = Math.min(31, Math.round((last - first) / 86_400_000) + 1)
  return Array.from({ length: count }, (_, index) =>
    new Date(last - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  )
}

function clockOf(at: Date, zone: string): { readonly day: string; readonly time: string } {
  const day = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return { day: day.format(at), time: time.format(at) }
}

function weekday(day: string): string {
  return ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(`${day}T00:00:00Z`).getUTCDay()] ?? ''
}
