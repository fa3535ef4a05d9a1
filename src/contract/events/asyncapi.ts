import { err, FaultError, ok, type Result } from '../../release/index.ts'
import { unreadable, wrongVersion } from '../faults.ts'
import type { FileReader } from '../files.ts'
import { type Description, loadDocument } from '../openapi/document.ts'
import { createReport, type Report } from '../openapi/report.ts'
import { canonical, isObject, keyOf, listOf } from '../schema/json.ts'
import { at, entriesOf, follow, itemsOf, type Place } from '../schema/place.ts'
import type { Comparison, Policy } from '../types.ts'
import { type Concern, comparePayloads } from './payload.ts'

/** A message on a channel, as the service of the description sends or receives it. */
interface Message {
  readonly name: string
  readonly place: Place
  readonly payload: Place
  readonly headers: Place
  readonly format: string
  readonly contentType: string
}

interface Channel {
  readonly address: string
  readonly place: Place
  readonly parameters: ReadonlySet<string>
  readonly messages: ReadonlyMap<string, Message>
  readonly sends: boolean
  readonly receives: boolean
}

export function loadAsyncApi(path: string, reader: FileReader): Promise<Result<Description>> {
  return loadDocument(path, reader, (file, value) => {
    const version = isObject(value) ? keyOf(value, 'asyncapi') : undefined
    if (version === undefined) return err(unreadable(file, 'it has no `asyncapi` field.', 1))
    const text = typeof version === 'number' ? version.toFixed(1) : String(version)
    if (/^[23]\.\d/.test(text)) return ok(text)
    return err(wrongVersion(file, `AsyncAPI ${text}`, 'Give a description of AsyncAPI 2 or 3.'))
  })
}

/** Channels by address; the name of a channel is of the document only. */
function channelsOf(description: Description): ReadonlyMap<string, Channel> {
  const { root, version } = description
  const list = version.startsWith('2') ? channelsOf2(description) : channelsOf3(description)
  const twice = new Map<string, Channel>()
  for (const channel of list) if (!twice.has(channel.address)) twice.set(channel.address, channel)
  return root.value === undefined ? new Map() : twice
}

function channelsOf2({ root, resolve }: Description): readonly Channel[] {
  return entriesOf(at(root, 'channels')).map(([address, entry]) => {
    const place = follow(entry, resolve)
    // Version 2 speaks of the client: what others subscribe to, this service sends.
    const [sends, receives] = [at(place, 'subscribe'), at(place, 'publish')]
    const holders = [sends, receives].filter(({ value }) => value !== undefined)
    const messages = holders.flatMap((operation) => {
      const message = at(operation, 'message')
      const several = itemsOf(at(message, 'oneOf'))
      return several.length > 0 ? several : message.value === undefined ? [] : [message]
    })
    return channel(
      address,
      place,
      messages.map((one, index) => [keyOf2(one, index), one]),
      resolve,
      root,
      {
        sends: sends.value !== undefined,
        receives: receives.value !== undefined,
      },
    )
  })
}

/** A message is known by its name, or by the component that it refers to. */
function keyOf2(place: Place, index: number): string {
  const name = keyOf(place.value, 'messageId') ?? keyOf(place.value, 'name')
  const ref = keyOf(place.value, '$ref')
  if (typeof name === 'string') return name
  return typeof ref === 'string' ? (ref.split('/').at(-1) ?? ref) : String(index)
}

function channelsOf3({ root, resolve }: Description): readonly Channel[] {
  const operations = entriesOf(at(root, 'operations')).map(([, entry]) => follow(entry, resolve))
  return entriesOf(at(root, 'channels')).map(([id, entry]) => {
    const place = follow(entry, resolve)
    const address = keyOf(place.value, 'address')
    const own = operations.filter((operation) => {
      const target = at(operation, 'channel')
      return target.value !== undefined && follow(target, resolve).value === place.value
    })
    const acts = (action: string): boolean => own.some(({ value }) => keyOf(value, 'action') === action)
    return channel(
      typeof address === 'string' ? address : id,
      place,
      entriesOf(at(place, 'messages')),
      resolve,
      root,
      {
        sends: acts('send'),
        receives: acts('receive'),
      },
    )
  })
}

function channel(
  address: string,
  place: Place,
  messages: readonly (readonly [string, Place])[],
  resolve: Description['resolve'],
  root: Place,
  way: { readonly sends: boolean; readonly receives: boolean },
): Channel {
  const usual = String(keyOf(root.value, 'defaultContentType') ?? 'application/json')
  return {
    address,
    place,
    parameters: new Set(entriesOf(at(place, 'parameters')).map(([name]) => name)),
    messages: new Map(
      messages.map(([name, entry]) => [name, messageOf(name, follow(entry, resolve), usual, resolve)]),
    ),
    ...way,
  }
}

function messageOf(name: string, place: Place, usual: string, resolve: Description['resolve']): Message {
  const given = at(place, 'payload')
  const multi = keyOf(given.value, 'schemaFormat') !== undefined
  const format = String(keyOf(multi ? given.value : place.value, 'schemaFormat') ?? '')
  const headers = at(place, 'headers')
  return {
    name,
    place,
    payload: multi ? at(given, 'schema') : given,
    headers: headers.value === undefined ? headers : follow(headers, resolve),
    format: /avro|protobuf|raml|xml/i.exec(format)?.[0].toLowerCase() ?? 'json-schema',
    contentType: String(keyOf(place.value, 'contentType') ?? usual).toLowerCase(),
  }
}

/** AsyncAPI 2 and 3, also one against the other. */
export function compareAsyncApi(
  base: Description,
  revision: Description,
  policy: Policy,
): Result<Comparison> {
  const report = createReport(base, revision, policy)
  try {
    const [from, to] = [channelsOf(base), channelsOf(revision)]
    for (const [address, before] of from) {
      const after = to.get(address)
      if (after === undefined)
        raise(
          report,
          'event-channel-removed',
          true,
          address,
          'the channel was removed',
          before.place,
          at(revision.root, 'channels'),
        )
      else compareChannel(before, after, { base, revision, report, policy })
    }
    for (const [address, added] of to) {
      if (from.has(address)) continue
      raise(
        report,
        'event-channel-added',
        false,
        address,
        'a channel was added',
        at(base.root, 'channels'),
        added.place,
      )
    }
    compareServers(base, revision, report)
  } catch (error) {
    if (error instanceof FaultError) return err(error.fault)
    throw error
  }
  return ok(report.finish())
}

interface Sides {
  readonly base: Description
  readonly revision: Description
  readonly report: Report
  readonly policy: Policy
}

function compareChannel(before: Channel, after: Channel, sides: Sides): void {
  const { report } = sides
  const { address } = before
  for (const name of after.parameters) {
    if (before.parameters.has(name)) continue
    raise(
      report,
      'event-channel-parameter-added',
      true,
      address,
      `the address has the parameter ${name}`,
      before.place,
      after.place,
    )
  }
  for (const [action, was, is] of [
    ['sends', before.sends, after.sends],
    ['receives', before.receives, after.receives],
  ] as const) {
    if (was && !is)
      raise(
        report,
        'event-operation-removed',
        true,
        address,
        `the service no longer ${action} here`,
        before.place,
        after.place,
      )
  }
  // Who only receives has to read what others go on sending; who sends has readers of before, and kept messages.
  const onlyReceives = before.receives && !before.sends
  const concerns: readonly Concern[] = onlyReceives ? ['messages'] : ['consumers', 'messages']
  for (const [name, message] of before.messages) {
    const other = after.messages.get(name) ?? soleOther(before, after)
    if (other === undefined)
      raise(
        report,
        'event-message-removed',
        true,
        `${address} ${name}`,
        'the message was removed',
        message.place,
        after.place,
      )
    else compareMessage(`${address} ${name}`, message, other, concerns, sides)
  }
  for (const [name, added] of after.messages) {
    if (before.messages.has(name) || soleOther(before, after) !== undefined) continue
    raise(
      report,
      'event-message-added',
      !onlyReceives,
      `${address} ${name}`,
      'a message was added that consumers of before do not know',
      before.place,
      added.place,
    )
  }
}

/** The one message of a channel may have another name in the document: names do not travel. */
function soleOther(before: Channel, after: Channel): Message | undefined {
  const [only] = after.messages.values()
  return before.messages.size === 1 && after.messages.size === 1 ? only : undefined
}

function compareMessage(
  where: string,
  before: Message,
  after: Message,
  concerns: readonly Concern[],
  { base, revision, report, policy }: Sides,
): void {
  if (before.contentType !== after.contentType) {
    raise(
      report,
      'event-content-type-changed',
      true,
      where,
      `from ${before.contentType} to ${after.contentType}`,
      before.place,
      after.place,
    )
  }
  if (before.format !== after.format || before.format !== 'json-schema') {
    if (before.format === after.format && canonical(before.payload.value) === canonical(after.payload.value))
      return
    raise(
      report,
      'event-payload-not-compared',
      true,
      where,
      `its payload is of ${after.format} and differs: list it as a contract of its own`,
      before.place,
      after.place,
    )
    return
  }
  for (const [part, from, to] of [
    ['', before.payload, after.payload],
    [', headers', before.headers, after.headers],
  ] as const) {
    if (from.value === undefined && to.value === undefined) continue
    const sides = [
      { document: base, schema: from },
      { document: revision, schema: to },
    ] as const
    comparePayloads(...sides, concerns, `${where}${part}`, report, policy)
  }
}

/** Where the messages are: another protocol or host cuts everybody off. */
function compareServers(base: Description, revision: Description, report: Report): void {
  const [from, to] = [base, revision].map(({ root, resolve }) => {
    const entries = entriesOf(at(root, 'servers')).map(
      ([name, place]) => [name, follow(place, resolve)] as const,
    )
    return new Map(entries)
  })
  for (const [name, before] of from ?? []) {
    const after = to?.get(name)
    if (after === undefined) {
      raise(
        report,
        'event-server-removed',
        true,
        `server ${name}`,
        'the server was removed',
        before,
        at(revision.root, 'servers'),
      )
      continue
    }
    const [was, is] = [keyOf(before.value, 'protocol'), keyOf(after.value, 'protocol')]
    if (was !== is)
      raise(
        report,
        'event-protocol-changed',
        true,
        `server ${name}`,
        `from ${String(was)} to ${String(is)}`,
        before,
        after,
      )
    const count = (place: Place): number => listOf(keyOf(place.value, 'security')).length
    if (count(before) === 0 && count(after) > 0) {
      raise(
        report,
        'event-security-added',
        true,
        `server ${name}`,
        'credentials are asked for',
        before,
        after,
      )
    }
  }
}

function raise(
  report: Report,
  id: string,
  breaking: boolean,
  where: string,
  what: string,
  base: Place,
  revision: Place,
): void {
  report.raise({ id, breaking, where, what, subject: what, base, revision })
}
