import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { type HttpRequest, type Reply, type RunningServer, startServer } from '../http/index.ts'

/** How a receiver answers from now on. */
export type Mood = 'well' | 'hangs' | 'fails' | 'floods' | 'redirects'

export interface SlackMessage {
  readonly ts: string
  readonly thread?: string
  text: string
  readonly metadata?: { readonly event_type: string; readonly event_payload: Record<string, unknown> }
}

export interface Annotation {
  readonly id: number
  readonly time: number
  timeEnd: number
  readonly tags: readonly string[]
  text: string
}

export interface Receivers extends RunningServer {
  mood: Mood
  readonly slack: SlackMessage[]
  readonly cards: object[]
  readonly changes: Record<string, unknown>[]
  /** Open incidents by their key, with how often each was triggered. */
  readonly incidents: Map<string, number>
  readonly annotations: Annotation[]
  readonly events: Map<string, { readonly type: string; readonly data: object }>
  /** What a receiver would have refused, in words. */
  readonly violations: string[]
}

export const secrets = {
  slack: 'xoxb-slack-secret',
  teams: 'teams-secret-path',
  pagerduty: 'pd-secret-key',
  grafana: 'glsa-secret',
  bus: 'bus-secret',
}

/**
 * Slack, Teams, PagerDuty, Grafana and a bus of CloudEvents on one loopback server: the calls that telling makes, as
 * their documentation describes them. Events are held to the schemas that CDEvents publishes (spec 0.3.0, Apache-2.0,
 * as its Java SDK carries them).
 */
export async function startReceivers(): Promise<Receivers> {
  const state = {
    mood: 'well' as Mood,
    slack: [] as SlackMessage[],
    cards: [] as object[],
    changes: [] as Record<string, unknown>[],
    incidents: new Map<string, number>(),
    annotations: [] as Annotation[],
    events: new Map<string, { type: string; data: object }>(),
    violations: [] as string[],
  }
  const schemas = cdeventsSchemas()
  const server = await startServer({
    handle: (request) => inMood(state.mood, () => route(request)),
    onDefect: (error) => ({ status: 500, body: { error: String(error) } }),
  })
  return Object.assign(state, server)

  function route(request: HttpRequest): Reply {
    const { path } = request
    if (path.startsWith('/slack/')) return slack(path.slice('/slack/'.length), request)
    if (path === `/teams/${secrets.teams}`) return teams(json(request))
    if (path.startsWith('/v2/')) return pagerduty(path, json(request))
    if (path.startsWith('/grafana/api/annotations')) return grafana(request)
    if (path === '/bus') return bus(request)
    return { status: 501, body: { error: `no ${path}` } }
  }

  function slack(method: string, request: HttpRequest): Reply {
    if (request.headers.authorization !== `Bearer ${secrets.slack}`)
      return { status: 200, body: { ok: false, error: 'invalid_auth' } }
    const body = json(request)
    if (body.channel !== 'C0DELIVERY') return { status: 200, body: { ok: false, error: 'channel_not_found' } }
    const thread = body.thread_ts as string | undefined
    switch (method) {
      case 'chat.postMessage': {
        const ts = `1700000000.${String(state.slack.length + 1).padStart(6, '0')}`
        const metadata = body.metadata as SlackMessage['metadata']
        state.slack.push({
          ts,
          text: String(body.text),
          ...(thread && { thread }),
          ...(metadata && { metadata }),
        })
        return { status: 200, body: { ok: true, ts } }
      }
      case 'chat.update': {
        const found = state.slack.find(({ ts }) => ts === body.ts)
        if (found === undefined) return { status: 200, body: { ok: false, error: 'message_not_found' } }
        found.text = String(body.text)
        return { status: 200, body: { ok: true, ts: found.ts } }
      }
      case 'conversations.history':
        return {
          status: 200,
          body: {
            ok: true,
            messages: shown(state.slack.filter((m) => m.thread === undefined).toReversed(), body),
          },
        }
      case 'conversations.replies':
        return {
          status: 200,
          body: {
            ok: true,
            messages: shown(
              state.slack.filter((m) => m.thread === body.ts || m.ts === body.ts),
              body,
            ),
          },
        }
      default:
        return { status: 200, body: { ok: false, error: 'unknown_method' } }
    }
  }

  /** Slack shows metadata only to those who ask for it. */
  function shown(messages: readonly SlackMessage[], body: Record<string, unknown>): readonly object[] {
    return messages
      .slice(0, Number(body.limit ?? 100))
      .map(({ metadata, ...rest }) =>
        body.include_all_metadata === true && metadata ? { ...rest, metadata } : rest,
      )
  }

  function teams(body: Record<string, unknown>): Reply {
    const [attachment] = (body.attachments ?? []) as { contentType: string; content: { type: string } }[]
    if (
      attachment?.contentType !== 'application/vnd.microsoft.card.adaptive' ||
      attachment.content.type !== 'AdaptiveCard'
    )
      state.violations.push('teams: no adaptive card')
    state.cards.push(attachment?.content ?? {})
    return { status: 202 }
  }

  function pagerduty(path: string, body: Record<string, unknown>): Reply {
    const payload = body.payload as { summary?: string; source?: string; severity?: string } | undefined
    if (body.routing_key !== secrets.pagerduty) return { status: 400, body: { status: 'invalid event' } }
    if (path === '/v2/change/enqueue') {
      if (payload?.summary === undefined) state.violations.push('pagerduty: change without a summary')
      state.changes.push(body)
    } else {
      const key = String(body.dedup_key)
      if (body.event_action === 'resolve') state.incidents.delete(key)
      else {
        if (payload?.summary === undefined || payload.source === undefined || payload.severity === undefined)
          state.violations.push('pagerduty: incident without summary, source or severity')
        state.incidents.set(key, (state.incidents.get(key) ?? 0) + 1)
      }
    }
    return { status: 202, body: { status: 'success' } }
  }

  function grafana(request: HttpRequest): Reply {
    if (request.headers.authorization !== `Bearer ${secrets.grafana}`)
      return { status: 401, body: { message: 'Unauthorized' } }
    if (request.method === 'GET') {
      const tags = request.query.getAll('tags')
      const found = state.annotations.filter((each) => tags.every((tag) => each.tags.includes(tag)))
      return { status: 200, body: found.toReversed().slice(0, Number(request.query.get('limit'))) }
    }
    const body = json(request)
    if (request.method === 'POST') {
      const id = state.annotations.length + 1
      const time = Number(body.time)
      // Grafana stores a point as a region without length.
      state.annotations.push({
        id,
        time,
        timeEnd: time,
        tags: body.tags as string[],
        text: String(body.text),
      })
      return { status: 200, body: { message: 'Annotation added', id } }
    }
    const found = state.annotations.find(({ id }) => request.path.endsWith(`/${id}`))
    if (found === undefined) return { status: 404, body: { message: 'Annotation not found' } }
    found.timeEnd = Number(body.timeEnd)
    found.text = String(body.text)
    return { status: 200, body: { message: 'Annotation patched' } }
  }

  function bus(request: HttpRequest): Reply {
    if (request.headers.authorization !== `Bearer ${secrets.bus}`) return { status: 401 }
    const event = json(request)
    if (request.headers['content-type'] !== 'application/cloudevents+json')
      state.violations.push('bus: wrong content type')
    for (const name of ['specversion', 'id', 'source', 'type']) {
      if (typeof event[name] !== 'string' || event[name] === '') state.violations.push(`bus: no ${name}`)
    }
    const check = schemas.getSchema(String(event.type))
    if (check === undefined) state.violations.push(`bus: ${event.type} is no type of CDEvents`)
    else if (check(event.data) !== true)
      state.violations.push(`bus: ${event.type}: ${schemas.errorsText(check.errors)}`)
    state.events.set(`${event.source} ${event.id}`, { type: String(event.type), data: event.data as object })
    return { status: 202 }
  }
}

function json({ body }: HttpRequest): Record<string, unknown> {
  return JSON.parse(body.toString('utf8'))
}

function inMood(mood: Mood, route: () => Reply): Reply | Promise<Reply> {
  switch (mood) {
    case 'well':
      return route()
    case 'hangs':
      return { stream: () => undefined }
    case 'fails':
      return { status: 500, body: 'no' }
    case 'floods':
      return { status: 200, body: Buffer.alloc(10 * 1024 * 1024, 'x') }
    case 'redirects':
      return { status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } }
  }
}

function cdeventsSchemas(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  const file = new URL('cdevents-0.3.0.json', import.meta.url)
  const byType: Record<string, object> = JSON.parse(readFileSync(file, 'utf8'))
  for (const [type, schema] of Object.entries(byType)) ajv.addSchema(schema, type)
  return ajv
}
