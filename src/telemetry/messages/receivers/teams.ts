import { ok } from '../../../release/index.ts'
import { ask } from '../ask.ts'
import type { Receiver } from './receiver.ts'

const colours = { plain: 'default', good: 'good', bad: 'attention' } as const

/** An Adaptive Card for each event. A workflow's webhook cannot be asked what it has: after a lost answer a card comes twice. */
export function teams({ name, url }: { readonly name: string; readonly url: string }): Receiver {
  return async (message, board, io) => {
    const { service, release, tone, text, run, id } = message
    const card = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      body: [
        {
          type: 'TextBlock',
          size: 'Medium',
          weight: 'Bolder',
          text: [service, release].filter(Boolean).join(' '),
        },
        { type: 'TextBlock', wrap: true, color: colours[tone], text: plainly(text) },
        { type: 'TextBlock', wrap: true, isSubtle: true, text: board.regions.map(plainly).join('\n\n') },
        { type: 'TextBlock', size: 'Small', isSubtle: true, text: id },
      ],
      actions: [{ type: 'Action.OpenUrl', title: 'Run', url: run }],
    }
    const sent = await ask(io, {
      receiver: name,
      method: 'POST',
      url,
      json: {
        type: 'message',
        attachments: [
          { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card },
        ],
      },
    })
    return sent.ok ? ok(undefined) : sent
  }
}

/** A TextBlock reads a part of Markdown: nothing of a person's text may become a link. */
function plainly(text: string): string {
  return text.replace(/[\\`*_[\]()#<>]/g, (mark) => `\\${mark}`)
}
