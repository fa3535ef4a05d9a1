import { ok } from '../../../release/index.ts'
import { ask } from '../ask.ts'
import type { Message } from '../message.ts'
import type { Board, Receiver } from './receiver.ts'

interface Settings {
  readonly name: string
  readonly url: string
  readonly token?: string
}

/** Version 0.3.0 of CDEvents: the newest whose schemas a package registry has, so that a test can hold events to them. */
const version = '0.3.0'

/**
 * Each event that CDEvents has a word for, as a CloudEvent in structured mode. `id` is the id of the ledger's event:
 * a consumer drops what it has seen (CloudEvents 1.0, `source` and `id`).
 */
export function cloudEvents({ name, url, token }: Settings): Receiver {
  return async (message, board, io) => {
    const event = cloudEvent(message, board)
    if (event === undefined) return ok(undefined)
    const sent = await ask(io, {
      receiver: name,
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/cloudevents+json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      json: event,
    })
    return sent.ok ? ok(undefined) : sent
  }
}

export function cloudEvent(message: Message, board: Board): object | undefined {
  const word = wordOf(message, board)
  if (word === undefined) return undefined
  const source = `/tuesday/${message.service}`
  const timestamp = message.at.toISOString()
  return {
    specversion: '1.0',
    id: message.id,
    source,
    type: word.type,
    subject: word.subject.id,
    time: timestamp,
    datacontenttype: 'application/json',
    data: {
      context: { version, id: message.id, source, type: word.type, timestamp },
      subject: { source, ...word.subject },
    },
  }
}

interface Word {
  readonly type: string
  readonly subject: { readonly id: string; readonly type: string; readonly content: object }
}

function wordOf(message: Message, board: Board): Word | undefined {
  const { type, service, release, region, run, text } = message
  const train = `${service}/${release}`
  const pipelineRun = (verb: string, content: object = {}): Word => ({
    type: `dev.cdevents.pipelinerun.${verb}.0.1.1`,
    subject: {
      id: train,
      type: 'pipelineRun',
      content: { pipelineName: `release ${service}`, url: run, ...content },
    },
  })
  const taskRun = (verb: string, content: object = {}): Word => ({
    type: `dev.cdevents.taskrun.${verb}.0.1.1`,
    subject: {
      id: `${train}/${region}`,
      type: 'taskRun',
      content: { taskName: region, url: run, pipelineRun: { id: train }, ...content },
    },
  })
  const ofService = (verb: string): Word | undefined =>
    message.digest === undefined
      ? undefined
      : {
          type: `dev.cdevents.service.${verb}.0.1.1`,
          subject: {
            id: `${service}/${region}`,
            type: 'service',
            content: { environment: { id: region }, artifactId: purl(board.repository, message.digest) },
          },
        }
  const incident = (verb: string): Word => ({
    type: `dev.cdevents.incident.${verb}.0.1.0`,
    subject: {
      id: `${train}/halt`,
      type: 'incident',
      content: { description: text, environment: { id: region ?? 'production' }, service: { id: service } },
    },
  })
  switch (type) {
    case 'proposed':
      return pipelineRun('queued')
    case 'started':
      return taskRun('started')
    case 'live':
      return ofService('upgraded')
    case 'verified':
      return taskRun('finished', { outcome: 'success' })
    case 'rolled-back':
      return ofService('rolledback')
    case 'train-ended':
      return pipelineRun('finished', { outcome: message.tone === 'good' ? 'success' : 'failure' })
    case 'halted':
      return incident('detected')
    case 'cleared':
      return incident('resolved')
    default:
      return undefined
  }
}

/** Package URL of an image (purl, type oci): the last part of the repository is its name. */
function purl(repository: string, digest: string): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1)
  return `pkg:oci/${name}@${encodeURIComponent(digest)}?repository_url=${encodeURIComponent(repository)}`
}
