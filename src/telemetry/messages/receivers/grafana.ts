import { ok, type Result } from '../../../release/index.ts'
import { type Ask, ask } from '../ask.ts'
import type { Message } from '../message.ts'
import type { Receiver } from './receiver.ts'

interface Settings {
  readonly name: string
  readonly url: string
  readonly token: string
}

interface Annotation {
  readonly id: number
  readonly time: number
  readonly timeEnd?: number
}

const opens: readonly Message['type'][] = ['pinned']
const closes: readonly Message['type'][] = ['verified', 'rolled-back']

/** An annotation a region, from its pin until it is verified or back. Found again by its tags. */
export function grafana(settings: Settings): Receiver {
  return async (message, _board, io) => {
    const { type, region, at } = message
    if (region === undefined || !(opens.includes(type) || closes.includes(type))) return ok(undefined)
    // A region goes back to another release than the one that was pinned: it is found by the region alone.
    const tags = opens.includes(type) ? tagsOf(message) : tagsOf(message).slice(0, 3)
    const found = await annotations(settings, io, tags)
    if (!found.ok) return found
    if (opens.includes(type)) return found.value.length === 0 ? create(settings, message, io) : ok(undefined)
    if (found.value.some(({ timeEnd }) => timeEnd === at.getTime())) return ok(undefined)
    const [open] = found.value
      .filter(({ time, timeEnd }) => (timeEnd ?? time) === time)
      .toSorted((a, b) => b.time - a.time)
    if (open === undefined) return create(settings, message, io)
    const closed = await call(settings, io, 'PATCH', `/api/annotations/${open.id}`, {
      timeEnd: at.getTime(),
      text: message.text,
    })
    return closed.ok ? ok(undefined) : closed
  }
}

async function annotations(
  settings: Settings,
  io: Ask,
  tags: readonly string[],
): Promise<Result<readonly Annotation[]>> {
  const query = new URLSearchParams({ limit: '20' })
  for (const tag of tags) query.append('tags', tag)
  const answer = await call(settings, io, 'GET', `/api/annotations?${query}`)
  if (!answer.ok) return answer
  const all: readonly unknown[] = Array.isArray(answer.value) ? answer.value : []
  return ok(all.filter(isAnnotation))
}

function tagsOf({ service, region, release, digest }: Message): readonly string[] {
  return ['tuesday', service, region, release, digest?.slice(7, 19)].filter((tag) => tag !== undefined)
}

async function create(settings: Settings, message: Message, io: Ask): Promise<Result<void>> {
  const made = await call(settings, io, 'POST', '/api/annotations', {
    time: message.at.getTime(),
    tags: tagsOf(message),
    text: message.text,
  })
  return made.ok ? ok(undefined) : made
}

function call(
  { name, url, token }: Settings,
  io: Ask,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  json?: object,
): Promise<Result<unknown>> {
  const headers = { authorization: `Bearer ${token}` }
  return ask(io, {
    receiver: name,
    method,
    url: `${url.replace(/\/$/, '')}${path}`,
    headers,
    ...(json === undefined ? {} : { json }),
  })
}

function isAnnotation(value: unknown): value is Annotation {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'number' &&
    'time' in value &&
    typeof value.time === 'number'
  )
}
