import { expect, test } from 'vitest'
import { loadConfig } from './index.ts'
import { edited, sample } from './sample.fixture.ts'

/** The lines of the message without the name of the file: `line:column subject says`. */
function faults(text: string): string[] {
  const loaded = loadConfig(text, 'tuesday.yaml')
  if (loaded.ok) return []
  const lines = loaded.fault.cause.split('\n').filter((line) => line.trim().startsWith('tuesday.yaml:'))
  return lines.map((line) => line.trim().replace('tuesday.yaml:', '').replace(/\.$/, ''))
}

// Each row changes one part of the sample and is told where it stands and what to write instead.
test.each<[string, string, string, string]>([
  // Keys
  [
    'a misspelt required key is one fault',
    'timezone: UTC\n    cluster',
    'time-zone: UTC\n    cluster',
    '20:5 `environments.staging.time-zone` is not a known key; did you mean `timezone`?',
  ],
  [
    'camel case',
    'token-env',
    'tokenEnv',
    '42:56 `environments.prod-a.prometheus.tokenEnv` is not a known key; did you mean `token-env`?',
  ],
  [
    'a key of another section',
    'migrations:\n',
    'lock-timeout: 1s\nmigrations:\n',
    '76:1 `lock-timeout` is not a known key here; it belongs in `migrations`',
  ],
  [
    'a key that means nothing',
    'contracts:\n',
    'contracts:\n  graphql: a\n',
    '79:3 `contracts.graphql` is not a known key; known here: `openapi`, `events`',
  ],
  [
    'a merge key',
    'gitops:\n  repository',
    'gitops:\n  <<: {}\n  repository',
    '13:3 `gitops["<<"]` is a merge key of YAML 1.1, which this file does not know',
  ],
  ['a missing section', 'train:\n  timezone: UTC\n  order: [prod-a, prod-b]\n', '', '1:1 `train` is missing'],
  ['a missing key', 'service: orders\n', '', '1:1 `service` is missing'],
  ['a missing key in a list', '    container: worker\n', '', '9:5 `workloads[1].container` is missing'],
  [
    'an empty section',
    'migrations:\n  folder: migrations\n',
    'migrations:\n',
    '76:1 `migrations` is empty; a map belongs here',
  ],
  // Kinds of values
  ['another version', 'version: 1', 'version: 2', '1:10 `version` is `2`; only `1` is known'],
  [
    'a misspelt kind',
    'kind: Rollout',
    'kind: rollot',
    '7:11 `workloads[0].kind` is `rollot`; did you mean `Rollout`?',
  ],
  [
    'an unknown kind',
    'kind: Rollout',
    'kind: StatefulSet',
    '7:11 `workloads[0].kind` is `StatefulSet`; use one of `Rollout`, `Deployment`',
  ],
  [
    'yes is a text',
    'production: false',
    'production: no',
    '18:17 `environments.staging.production` is `no`; true or false belongs here',
  ],
  [
    'a list for a map',
    'image:\n  repository: registry.example.com/acme/orders',
    'image: [a]',
    '3:8 `image` is a list; a map belongs here',
  ],
  [
    'a number for a name',
    'service: orders',
    'service: 7',
    '2:10 `service` is `7`; a text belongs here; put it in quotes',
  ],
  [
    'capitals in a name',
    'service: orders',
    'service: Orders',
    '2:10 `service` has to be lower-case letters, digits and inner dashes, at most 63',
  ],
  [
    'a time without quotes',
    '"09:00"',
    '9',
    '44:39 `environments.prod-a.window.from` is `9`; a text belongs here; put it in quotes',
  ],
  [
    'a time that is none',
    '"09:00"',
    '"9:00"',
    '44:39 `environments.prod-a.window.from` has to be a time of day such as "09:00"',
  ],
  [
    'a misspelt day',
    '[Mon, Tue]',
    '[Mon, Tues]',
    '44:27 `environments.prod-a.window.days[1]` is `Tues`; did you mean `Tue`?',
  ],
  // Durations
  [
    'a duration without a unit',
    '5: 30m',
    '5: 30',
    '68:8 `canary.holds.5` needs a unit, such as `90s`, `30m`, `20h` or `2d`',
  ],
  [
    'a duration with two units',
    '5: 30m',
    '5: 1h30m',
    '68:8 `canary.holds.5` has to be a whole number and a unit: ms, s, m, h or d, such as `90s` or `30m`',
  ],
  ['a duration out of range', '5: 30m', '5: 8d', '68:8 `canary.holds.5` has to be between 0ms and 7d'],
  [
    'a lock attempt that stops traffic',
    'folder: migrations',
    'folder: migrations\n  lock-timeout: 2m',
    '78:17 `migrations.lock-timeout` has to be between 1ms and 1m',
  ],
  // Holds
  [
    'a weight of 0',
    '100: 1h',
    '0: 1h',
    '69:5 `canary.holds.0` has to be a weight: a whole number from 1 to 100',
  ],
  [
    'a weight over 100',
    '100: 1h',
    '101: 1h',
    '69:5 `canary.holds.101` has to be a weight: a whole number from 1 to 100',
  ],
  [
    'a weight with a fraction',
    '100: 1h',
    '5.5: 1h',
    '69:5 `canary.holds["5.5"]` has to be a weight: a whole number from 1 to 100',
  ],
  // Zones and windows
  [
    'an unknown zone',
    'Europe/Berlin',
    'Europe/Berln',
    '33:15 `environments.prod-a.timezone` has to be a zone of the IANA database, such as `Europe/Berlin` or `UTC`',
  ],
  [
    'an offset is no zone',
    'Europe/Berlin',
    '"+02:00"',
    '33:15 `environments.prod-a.timezone` has to be a zone of the IANA database, such as `Europe/Berlin` or `UTC`',
  ],
  [
    'a window that ends before it starts',
    '"24:00"',
    '"08:00"',
    '44:52 `environments.prod-a.window.to` has to be later than `from`; a window over midnight is not offered, since nobody watches it',
  ],
  [
    'a window without days',
    '[Mon, Tue]',
    '[]',
    '44:21 `environments.prod-a.window.days` names no day, so nothing could ever move',
  ],
  [
    'a day twice',
    '[Mon, Tue]',
    '[Tue, Mon, Tue]',
    '44:21 `environments.prod-a.window.days` names a day twice',
  ],
  [
    'a start day outside the first window',
    'train:\n',
    'train:\n  start: Wed\n',
    '59:10 `train.start` is Wed, but `prod-a` moves only on Mon, Tue; no train could start',
  ],
  // Addresses
  [
    'an image with a tag',
    'acme/orders\n',
    'acme/orders:v1\n',
    '4:15 `image.repository` has to be `registry/name` in lower case, without a tag and without a digest',
  ],
  [
    'a Prometheus that is no URL',
    '"http://prometheus:9090/"',
    'prometheus',
    '28:24 `environments.staging.prometheus.url` has to be a URL such as https://prometheus.example.com',
  ],
  [
    'a Prometheus over another protocol',
    '"http://prometheus:9090/"',
    'ftp://a',
    '28:24 `environments.staging.prometheus.url` has to begin with https:// or http://',
  ],
  [
    'a password in a URL',
    '"http://prometheus:9090/"',
    'https://me:hunter2@a',
    '28:24 `environments.staging.prometheus.url` must not carry a user or a password',
  ],
  [
    'a password in a Git URL',
    'acme/gitops',
    'https://x:hunter2@a/b',
    '13:15 `gitops.repository` must not carry a user or a password',
  ],
  [
    'a branch that is an option',
    'branch: live',
    'branch: --force',
    '14:11 `gitops.branch` is not a branch name that Git accepts',
  ],
  [
    'a path out of the repository',
    'folder: migrations',
    'folder: ../other',
    '77:11 `migrations.folder` has to be plain: no empty part, no `.` and no `..`',
  ],
  [
    'an absolute path',
    'folder: migrations',
    'folder: /srv',
    '77:11 `migrations.folder` has to be relative, without a leading slash',
  ],
  // How parts agree
  [
    'an unknown region in the order',
    '[prod-a, prod-b]',
    '[prod-a, prod-bb, prod-b]',
    '60:19 `train.order[1]` names `prod-bb`, which is no environment of this file; did you mean `prod-b`?',
  ],
  [
    'a stage in the order',
    '[prod-a, prod-b]',
    '[staging, prod-a, prod-b]',
    '60:11 `train.order[0]` names `staging`, which is no production environment; stages come before the train',
  ],
  [
    'a region twice',
    '[prod-a, prod-b]',
    '[prod-a, prod-b, prod-a]',
    '60:27 `train.order[2]` names `prod-a` a second time',
  ],
  [
    'a region left out',
    '[prod-a, prod-b]',
    '[prod-a]',
    '60:10 `train.order` leaves out `prod-b`, so no release would ever reach it',
  ],
  [
    'no stage',
    'production: false',
    'production: true',
    '16:1 `environments` has no stage: at least one environment with `production: false` proves a digest first\n60:10 `train.order` leaves out `staging`, so no release would ever reach it',
  ],
  [
    'a Rollout that does not come first',
    'kind: Deployment\n    container: worker',
    'kind: Rollout\n    container: worker',
    '10:11 `workloads[1].kind` is a second Rollout; one file has one canary',
  ],
  [
    'a workload twice',
    'name: orders-worker',
    'name: orders-api',
    '9:11 `workloads[1].name` is `orders-api`, as `workloads[0]` already is',
  ],
  [
    'pins outside the folder',
    'pins: env/prod-b/pins.yaml',
    'pins: env/prod-c/pins.yaml',
    '55:13 `environments.prod-b.gitops.pins` has to be a file inside `env/prod-b`, which is what Argo CD reads',
  ],
  [
    'pins in the way of the values',
    'pins: env/prod-b/pins.yaml',
    'pins: env/prod-b/values.yaml',
    '55:13 `environments.prod-b.gitops.pins` is where the pin copies `values` to; the pins need a file of their own',
  ],
  [
    'one Application for two regions',
    'orders-b, context',
    'orders-a, context',
    '51:28 `environments.prod-b.argocd.application` is the same Application as `environments.prod-a.argocd.application`; two environments would overwrite each other',
  ],
  [
    'one namespace for two regions',
    'context: prod-b }',
    'context: prod-a }',
    '50:16 `environments.prod-b.namespace` is the same namespace as `environments.prod-a.namespace`; two environments would overwrite each other',
  ],
  [
    'a metric of an unknown SLO',
    'slo: availability',
    'slo: availabilty',
    '72:12 `canary.metrics[0].slo` names `availabilty`, which is no SLO of this file; did you mean `availability`?',
  ],
  [
    'a metric with two sources',
    'slo: availability',
    'slo: availability\n      bad: x',
    '71:7 `canary.metrics[0]` takes its counters either from `slo` or from `total` and `bad`',
  ],
  [
    'a metric with half a source',
    '      bad: orders_lost_total{workload="$workload"}\n',
    '',
    '73:7 `canary.metrics[1]` needs both `total` and `bad`, or `total` and `good`',
  ],
  [
    'a metric with a fall and a rise',
    '      bad: orders_lost_total{workload="$workload"}\n',
    '      bad: orders_lost_total{workload="$workload"}\n      good: orders_total\n',
    '73:7 `canary.metrics[1]` needs both `total` and `bad`, or `total` and `good`',
  ],
  [
    'a gauge without a bound',
    'slo: availability',
    'gauge: lag',
    '71:7 `canary.metrics[0]` needs `gauge` and `above` together',
  ],
  [
    'a limit of latency without its bound',
    'slo: availability',
    'histogram: x_seconds\n      limit: { bad: 5 }',
    '71:7 `canary.metrics[0]` needs `limit.slower-than` for a histogram, and for nothing else',
  ],
  [
    'a histogram beside counters',
    '      bad: orders_lost_total{workload="$workload"}\n',
    '      bad: orders_lost_total{workload="$workload"}\n      histogram: x_seconds\n',
    '73:7 `canary.metrics[1]` takes its counts from one source: `slo`, `total` and `bad` or `good`, `histogram`, `gauge`, or `restarts`',
  ],
  [
    'a Rollout without a canary',
    sample.slice(sample.indexOf('canary:'), sample.indexOf('migrations:')),
    '',
    '7:11 `workloads[0].kind` is a Rollout, but the file has no `canary`',
  ],
  [
    'a database left out',
    '    prometheus: { url: "http://prometheus:9090/" }\n    database: { url-env: DATABASE_URL }\n',
    '    prometheus: { url: "http://prometheus:9090/" }\n',
    '17:3 `environments.staging` has no `database`, but the file has `migrations`',
  ],
  // Selectors
  [
    'a function in a selector',
    'orders_total{workload="$workload"}',
    'rate(orders_total[5m])',
    '74:14 `canary.metrics[1].total` has to be a plain series selector: no function and no range, since the suite counts raw samples itself',
  ],
  [
    'an unknown variable',
    'orders_total{workload="$workload"}',
    'orders_total{workload="$workloads"}',
    '74:14 `canary.metrics[1].total` asks for $workloads, which is none of $namespace, $environment, $workload; did you mean $workload?',
  ],
])('%s', (_name, from, to, says) => {
  expect(faults(edited(from, to))).toEqual(says.split('\n'))
})
