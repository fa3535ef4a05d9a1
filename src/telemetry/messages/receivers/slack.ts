import { err, ok, type Result } from '../../../release/index.ts'
import { type Ask, ask, fault } from '../ask.ts'
import type { Message } from '../message.ts'
import type { Board, Receiver } from './receiver.ts'

interface Settings {
  readonly name: string
  readonly api: string
  readonly channel: string
  readonly token: string
}

const signs = { plain: '', good: ':white_check_mark: ', bad: ':rotating_light: ' } as const
/** One page of a channel's history; a train that is further back gets a new message. */
const looked = 200

/**
 * One message a train, kept up to date, and what happens in its thread. Which message that is, and what the thread
 * has already, is read from the metadata that Slack keeps with each message: no memory of ours can be lost.
 */
export function slack(settings: Settings): Receiver {
  return async (message, board, io) => {
    if (message.release === undefined) {
      const posted = await call(settings, io, 'chat.postMessage', { text: line(message) })
      return posted.ok ? ok(undefined) : posted
    }
    const top = await topOf(settings, io, message, board)
    if (!top.ok) return top
    const thread = await call(settings, io, 'conversations.replies', {
      ts: top.value,
      include_all_metadata: true,
      limit: looked,
    })
    if (!thread.ok) return thread
    if (entries(thread.value).some((entry) => payloadOf(entry).event === message.id)) return ok(undefined)
    const replied = await call(settings, io, 'chat.postMessage', {
      thread_ts: top.value,
      text: line(message),
      metadata: { event_type: 'tuesday_event', event_payload: { event: message.id } },
    })
    if (!replied.ok) return replied
    const updated = await call(settings, io, 'chat.update', { ts: top.value, ...page(message, board) })
    return updated.ok ? ok(undefined) : updated
  }
}

/** The message of the train: the one that carries its name, or a new one. */
async function topOf(settings: Settings, io: Ask, message: Message, board: Board): Promise<Result<string>> {
  const history = await call(settings, io, 'conversations.history', {
    include_all_metadata: true,
    limit: looked,
  })
  if (!history.ok) return history
  const found = entries(history.value).find((entry) => payloadOf(entry).train === trainOf(message))
  const ts = found === undefined ? undefined : textAt(found, 'ts')
  if (ts !== undefined) return ok(ts)
  const made = await call(settings, io, 'chat.postMessage', page(message, board))
  if (!made.ok) return made
  const own = textAt(made.value, 'ts')
  return own === undefined ? err(fault('receiver-refused', settings.name, 'Slack named no message')) : ok(own)
}

function page(message: Message, board: Board): object {
  return {
    text: [`*${escaped(trainOf(message))}*`, ...board.regions.map(escaped), line(message)].join('\n'),
    metadata: { event_type: 'tuesday_train', event_payload: { train: trainOf(message) } },
  }
}

function trainOf({ service, release }: Message): string {
  return `${service} ${release}`
}

function line({ tone, text, run }: Message): string {
  return `${signs[tone]}${escaped(text)} (<${escaped(run)}|run>)`
}

/** Slack's own three; so no text can mention a channel or forge a link. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

async function call(
  { name, api, channel, token }: Settings,
  io: Ask,
  method: string,
  body: object,
): Promise<Result<unknown>> {
  const answer = await ask(io, {
    receiver: name,
    method: 'POST',
    url: `${api}/${method}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
    json: { channel, ...body },
  })
  if (!answer.ok) return answer
  if (isMapping(answer.value) && answer.value.ok === true) return answer
  const why = textAt(answer.value, 'error')?.slice(0, 60) ?? 'an answer that is not its own'
  return err(fault('receiver-refused', name, `Slack says ${why} to ${method}`))
}

function entries(answer: unknown): readonly unknown[] {
  const list = isMapping(answer) ? answer.messages : undefined
  return Array.isArray(list) ? list : []
}

function payloadOf(entry: unknown): Readonly<Record<string, unknown>> {
  const metadata = isMapping(entry) ? entry.metadata : undefined
  const payload = isMapping(metadata) ? metadata.event_payload : undefined
  return isMapping(payload) ? payload : {}
}

function textAt(value: unknown, key: string): string | undefined {
  const found = isMapping(value) ? value[key] : undefined
  return typeof found === 'string' ? found : undefined
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
