import { expect, it } from 'vitest'
import type { Pod } from './objects.ts'
import { livePods } from './pods.ts'

const digestOf = (n: number) => `sha256:${String(n).repeat(64)}`
const pod = (name: string, image: string, ready = true) =>
  ({
    metadata: { name, creationTimestamp: '2026-11-17T15:00:00Z' },
    spec: { containers: [{ name: 'api', image }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod
const image = (n: number) => `registry.example.com/shop@${digestOf(n)}`
const names = (...lanes: Parameters<typeof livePods>[0]) => livePods(lanes, 'api').map(({ name }) => name)

it.each<[string, readonly string[], Parameters<typeof livePods>[0]]>([
  [
    'a canary and the stable pods',
    ['old', 'new'],
    [
      { weight: 95, pods: [pod('old', image(1))] },
      { weight: 5, pods: [pod('new', image(2))] },
    ],
  ],
  [
    'not the pods that are kept for the way back',
    ['new'],
    [
      { weight: 100, pods: [pod('new', image(2))] },
      { weight: 0, pods: [pod('old', image(1))] },
    ],
  ],
  [
    'each pod once, whichever way requests come',
    ['new'],
    [
      { weight: 50, pods: [pod('new', image(2))] },
      { weight: 50, pods: [pod('new', image(2))] },
    ],
  ],
  ['none that is not ready', [], [{ weight: 100, pods: [pod('new', image(2), false)] }]],
  ['none without a digest', [], [{ weight: 100, pods: [pod('new', 'shop:latest')] }]],
])('live are %s', (_name, expected, lanes) => {
  expect(names(...lanes)).toEqual(expected)
})

it('a live pod has its digest and its age', () => {
  expect(livePods([{ weight: 1, pods: [pod('new', image(2))] }], 'api')).toEqual([
    { name: 'new', digest: digestOf(2), createdAt: new Date('2026-11-17T15:00:00Z') },
  ])
})
