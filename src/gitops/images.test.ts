import { describe, expect, it } from 'vitest'
import type { Digest } from '../release/index.ts'
import { imageAutomation } from './automation.ts'
import { type ImagePin, type ImagePlace, readImage, writeImages } from './images.ts'

const d = (char: string) => `sha256:${char.repeat(64)}` as Digest
const repository = 'registry.example.com:5000/acme/shop'

const helm: ImagePlace = { kind: 'helm', file: 'values.yaml', path: 'api.image.digest' }
const kustomize: ImagePlace = { kind: 'kustomize', file: 'kustomization.yaml', image: 'shop' }
const manifest = (kind: string, name: string, container: string): ImagePlace => ({
  kind: 'manifest',
  file: 'all.yaml',
  object: { kind, name },
  container,
})

const values = `# values\r\napi:\r\n    image: {repository: a, tag: 12e5678, digest: "${d('a')}"} # now\r\n`
const kustomization = `images:\n  - name: sidecar\n    digest: ${d('a')}\n  - name: shop\n    newName: ${repository}\n    digest: '${d('a')}'\n`
const workload = (kind: string, name: string, image: string) => `apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name} }
spec:
  template:
    spec:
      containers:
        - { name: proxy, image: envoy:1 }
        - name: ${name}
          image: ${image} # the service
`
const all = `${workload('Rollout', 'api', `${repository}@${d('a')}`)}---\n${workload('Deployment', 'relay', `${repository}:v1`)}`
const files = new Map([
  ['values.yaml', values],
  ['kustomization.yaml', kustomization],
  ['all.yaml', all],
])
const pin = (place: ImagePlace, digest = d('b')): ImagePin => ({ place, repository, digest })

describe('an image', () => {
  it('is written in Helm values, Kustomize images and manifests, several workloads in one commit', () => {
    const written = writeImages(files, [
      pin(helm),
      pin(kustomize),
      pin(manifest('Rollout', 'api', 'api')),
      pin(manifest('Deployment', 'relay', 'relay')),
    ])
    expect(
      written.ok && Object.fromEntries(written.value.map((file) => [file.path, 'text' in file && file.text])),
    ).toEqual({
      'values.yaml': values.replace(d('a'), d('b')),
      'kustomization.yaml': kustomization.replace(`'${d('a')}'`, `'${d('b')}'`),
      'all.yaml': all
        .replace(`${repository}@${d('a')}`, `"${repository}@${d('b')}"`)
        .replace(`${repository}:v1`, `"${repository}@${d('b')}"`),
    })
  })

  it('is not written again', () => {
    expect(writeImages(files, [pin(helm, d('a')), pin(kustomize, d('a'))])).toEqual({ ok: true, value: [] })
  })

  it('is read as it stands', () => {
    expect(readImage(all, manifest('Rollout', 'api', 'api'))).toEqual({
      ok: true,
      value: { repository, digest: d('a') },
    })
    expect(readImage(all, manifest('Deployment', 'relay', 'relay'))).toEqual({
      ok: true,
      value: { repository },
    })
    expect(readImage(values, helm)).toEqual({ ok: true, value: { digest: d('a') } })
  })

  it.each<[string, ImagePlace, string]>([
    ['the container of a sidecar', manifest('Rollout', 'api', 'proxy'), 'yaml-target-refused'],
    ['an object that is not there', manifest('Rollout', 'relay', 'relay'), 'yaml-target-missing'],
    ['an image that Kustomize does not name', { ...kustomize, image: 'other' }, 'yaml-target-missing'],
    ['a path that is not there', { ...helm, path: 'relay.image.digest' }, 'yaml-target-missing'],
    ['a file that is not there', { ...helm, file: 'none.yaml' }, 'pins-missing'],
  ])('is refused in %s, and nothing is written', (_name, place, reason) => {
    expect(writeImages(files, [pin(helm), pin(place)])).toMatchObject({ ok: false, fault: { reason } })
  })
})

it.each([
  ['image: a # {"$imagepolicy": "flux-system:shop"}', 1],
  ['kind: ImageUpdateAutomation', 1],
  ['metadata:\n  annotations:\n    argocd-image-updater.argoproj.io/image-list: a=b', 1],
  ['    keel.sh/policy: force', 1],
  ['# the kind: ImageUpdateAutomation is not used here', 0],
  ['name: imagepolicy', 0],
])('image automation is found: %s', (text, count) => {
  expect(imageAutomation(new Map([['a.yaml', text]]))).toHaveLength(count)
})
