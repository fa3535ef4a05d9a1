import { describe, expect, it } from 'vitest'
import type { ReplicaSet } from '../objects.ts'
import { writtenTemplate } from './template.ts'

const hash = { key: 'rollouts-pod-template-hash', operator: 'In', values: ['6f'] }
const injected = { labelSelector: { matchExpressions: [hash] }, topologyKey: 'kubernetes.io/hostname' }
const own = { labelSelector: { matchLabels: { app: 'api' } }, topologyKey: 'zone' }

function replicaSet(template: object, annotations: Record<string, string> = {}): ReplicaSet {
  return { metadata: { name: 'api-6f', annotations }, spec: { template } } as ReplicaSet
}

describe('the template of a ReplicaSet, as it was written', () => {
  it.each([
    [
      'has no hash label of either controller',
      replicaSet({
        metadata: {
          creationTimestamp: null,
          labels: { app: 'api', 'rollouts-pod-template-hash': '6f', 'pod-template-hash': '6f' },
        },
        spec: { containers: [] },
      }),
      { metadata: { labels: { app: 'api' } }, spec: { containers: [] } },
    ],
    [
      'has none of the metadata that says canary or stable',
      replicaSet(
        { metadata: { labels: { app: 'api', role: 'stable' }, annotations: { note: 'x' } }, spec: {} },
        {
          'rollout.argoproj.io/ephemeral-metadata': '{"labels":{"role":"stable"},"annotations":{"note":"x"}}',
        },
      ),
      { metadata: { labels: { app: 'api' } }, spec: {} },
    ],
    [
      'has no affinity that nobody wrote',
      replicaSet({
        metadata: {},
        spec: {
          affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [injected] } },
        },
      }),
      { metadata: {}, spec: {} },
    ],
    [
      'keeps the affinity that somebody wrote',
      replicaSet({
        metadata: {},
        spec: {
          affinity: {
            nodeAffinity: { a: 1 },
            podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [own, injected] },
          },
        },
      }),
      {
        metadata: {},
        spec: {
          affinity: {
            nodeAffinity: { a: 1 },
            podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [own] },
          },
        },
      },
    ],
    [
      'is left alone where the annotation is no JSON',
      replicaSet(
        { metadata: { labels: { app: 'api' } }, spec: {} },
        { 'rollout.argoproj.io/ephemeral-metadata': '{' },
      ),
      { metadata: { labels: { app: 'api' } }, spec: {} },
    ],
  ])('%s', (_, given, expected) => {
    expect(writtenTemplate(given)).toEqual(expected)
  })
})
