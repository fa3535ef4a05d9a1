import * as z from 'zod'
import * as field from './fields.ts'

const token = () =>
  field.environmentVariable().describe('Variable that holds its token; never the token itself.')

const slack = z
  .strictObject({
    channel: z
      .string()
      .regex(/^[A-Z0-9]{2,30}$/, { error: 'has to be the id of a channel, such as C0123456789' })
      .describe(
        'Id of the channel. The bot is a member with chat:write and channels:history (groups:history).',
      ),
    'token-env': token(),
    api: field
      .httpUrl()
      .default('https://slack.com/api')
      .describe('Address of the API, where it is another one.'),
  })
  .describe('Slack: one message a train, kept up to date; what happens stands in its thread.')

const teams = z
  .strictObject({
    'url-env': field.environmentVariable().describe('Variable that holds the URL of the workflow.'),
  })
  .describe('Microsoft Teams: a card for each event, through a workflow that takes webhook requests.')

const pagerduty = z
  .strictObject({
    'key-env': field.environmentVariable().describe('Variable that holds the integration key.'),
    api: field.httpUrl().default('https://events.pagerduty.com').describe('Address of the Events API.'),
  })
  .describe('PagerDuty: change events; a halt triggers an incident, and its end resolves it.')

const grafana = z
  .strictObject({
    url: field.httpUrl().describe('Address of Grafana.'),
    'token-env': token(),
  })
  .describe('Grafana: an annotation for each region, from its pin to its end.')

const cloudevents = z
  .strictObject({
    url: field.httpUrl().describe('Where events are posted.'),
    'token-env': token().optional(),
  })
  .describe('CloudEvents of the CDEvents types, to any address.')

const kinds = { slack, teams, pagerduty, grafana, cloudevents }

export const notify = z
  .array(
    z
      .strictObject({
        name: field.label().describe('Name of the receiver, in logs.'),
        slack: slack.optional(),
        teams: teams.optional(),
        pagerduty: pagerduty.optional(),
        grafana: grafana.optional(),
        cloudevents: cloudevents.optional(),
      })
      .refine((value) => Object.keys(kinds).filter((kind) => kind in value).length === 1, {
        error: `names exactly one of ${Object.keys(kinds).join(', ')}`,
      }),
  )
  .max(20)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    error: 'names a receiver twice',
  })
  .describe(
    'Who is told what a train does. A receiver that does not answer delays nothing and fails nothing.',
  )

export type NotifyForm = z.output<typeof notify>
