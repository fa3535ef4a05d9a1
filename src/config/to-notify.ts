import type { ReceiverConfig } from './config.ts'
import type { NotifyForm } from './schema-notify.ts'

export function toNotify(form: NotifyForm): readonly ReceiverConfig[] {
  return form.map(({ name, slack, teams, pagerduty, grafana, cloudevents }): ReceiverConfig => {
    if (slack !== undefined)
      return { name, kind: 'slack', channel: slack.channel, tokenEnv: slack['token-env'], api: slack.api }
    if (teams !== undefined) return { name, kind: 'teams', urlEnv: teams['url-env'] }
    if (pagerduty !== undefined)
      return { name, kind: 'pagerduty', keyEnv: pagerduty['key-env'], api: pagerduty.api }
    if (grafana !== undefined)
      return { name, kind: 'grafana', url: grafana.url, tokenEnv: grafana['token-env'] }
    if (cloudevents === undefined)
      throw new TypeError(`the receiver ${name} passed its check and has no kind`)
    const { url, 'token-env': tokenEnv } = cloudevents
    return { name, kind: 'cloudevents', url, ...(tokenEnv === undefined ? {} : { tokenEnv }) }
  })
}
