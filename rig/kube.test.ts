import { describe, expect, it } from 'vitest'
import { objectPath, parseManifest } from './kube.ts'

describe('the path of an object', () => {
  it.each([
    ['v1', 'Pod', 'a', '/api/v1/namespaces/a/pods/x'],
    ['v1', 'Namespace', undefined, '/api/v1/namespaces/x'],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      'a',
      '/apis/networking.k8s.io/v1/namespaces/a/networkpolicies/x',
    ],
    ['networking.k8s.io/v1', 'Ingress', 'a', '/apis/networking.k8s.io/v1/namespaces/a/ingresses/x'],
    [
      'networking.istio.io/v1beta1',
      'Gateway',
      'a',
      '/apis/networking.istio.io/v1beta1/namespaces/a/gateways/x',
    ],
    ['argoproj.io/v1alpha1', 'Rollout', 'a', '/apis/argoproj.io/v1alpha1/namespaces/a/rollouts/x'],
  ])('%s %s', (apiVersion, kind, namespace, expected) => {
    const metadata = { name: 'x', ...(namespace === undefined ? {} : { namespace }) }
    expect(objectPath({ apiVersion, kind, metadata })).toBe(expected)
  })
})

describe('a manifest', () => {
  it('may hold several documents, empty ones too', () => {
    const names = parseManifest('# head\n---\nmetadata: {name: a}\n---\n---\nmetadata: {name: b}\n')
    expect(names.map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  })

  it('that is no YAML is refused', () => {
    expect(() => parseManifest('metadata: {name: a')).toThrow(/flow map|Flow map/)
  })
})
