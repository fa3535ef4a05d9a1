import { describe, expect, it } from 'vitest'
import { type ClockQuestion, checkedClock } from './checked-clock.ts'
import { isLocal } from './local.ts'

const machineNow = new Date('2026-11-17T10:00:00.000Z')

function ask(over: Partial<ClockQuestion>) {
  return checkedClock({
    machine: { now: () => machineNow, sleep: async () => {} },
    now: undefined,
    endpoint: 'https://github.example.com/acme/gitops.git',
    apiUrl: 'https://api.github.example.com',
    others: ['http://127.0.0.1:9090'],
    mustCheck: true,
    serverDate: async () => machineNow,
    ...over,
  })
}

describe('the clock of a run', () => {
  it.each<[string, Partial<ClockQuestion>, string]>([
    ["is the machine's when the server says the same", {}, 'machine'],
    ['may be a little off', { serverDate: async () => new Date(machineNow.getTime() + 59_000) }, 'machine'],
    [
      'is not asked for by a stop of a person',
      { mustCheck: false, serverDate: async () => undefined },
      'machine',
    ],
    [
      'has no other beside it for a repository on this machine',
      { endpoint: '/srv/gitops.git', serverDate: async () => undefined },
      'machine',
    ],
    [
      'is another one where everything is on this machine',
      { endpoint: 'file:///srv/gitops.git', now: '2027-01-05T12:00:00Z' },
      'simulated',
    ],
  ])('%s', async (_name, over, kind) => {
    expect(await ask(over)).toMatchObject({ ok: true, value: { kind } })
  })

  it.each([
    [
      "is too far from the server's",
      { serverDate: async () => new Date(machineNow.getTime() - 61_000) },
      'clock-skewed',
    ],
    ['could not be checked', { serverDate: async () => undefined }, 'clock-unchecked'],
    [
      'is another one while the repository is elsewhere',
      { now: '2027-01-05T12:00:00Z' },
      'clock-not-allowed',
    ],
    [
      'is another one while a Prometheus is elsewhere',
      {
        endpoint: '/srv/gitops.git',
        now: '2027-01-05T12:00:00Z',
        others: ['https://prometheus.example.com'],
      },
      'clock-not-allowed',
    ],
  ])('stops the run when it %s', async (_name, over, reason) => {
    expect(await ask(over)).toMatchObject({ ok: false, fault: { reason } })
  })

  it('runs on from the time that was given', async () => {
    let machine = machineNow
    const clock = await ask({
      endpoint: '/srv/gitops.git',
      now: '2027-01-05T12:00:00Z',
      machine: { now: () => machine, sleep: async () => {} },
    })
    machine = new Date(machineNow.getTime() + 5_000)
    expect(clock.ok && clock.value.clock.now().toISOString()).toBe('2027-01-05T12:00:05.000Z')
  })
})

it.each([
  ['/srv/gitops.git', true],
  ['file:///srv/gitops.git', true],
  ['http://127.0.0.1:3000/acme/gitops.git', true],
  ['http://[::1]:3000', true],
  ['http://localhost:3000', true],
  ['file://host/share', false],
  ['http://127.0.0.1.example.com', false],
  ['http://localhost.example.com', false],
  ['git@github.com:acme/gitops.git', false],
  ['https://github.com/acme/gitops', false],
  ['acme/gitops', false],
  ['http://10.0.0.1', false],
])('an endpoint of this machine: %s is %s', (endpoint, local) => {
  expect(isLocal(endpoint)).toBe(local)
})
