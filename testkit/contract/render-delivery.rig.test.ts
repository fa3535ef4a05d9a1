import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { attachRig } from '../../rig/index.ts'
import { environmentFolder, type KubeObject, renderDelivery } from '../cluster/index.ts'
import { writeFolder } from './folder.ts'

const rig = attachRig(inject('rig'))
const chart = join(import.meta.dirname, '../../examples/delivery-service/charts/delivery-service')
const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const digests = {
  'delivery-api': digest('a'),
  'delivery-outbox-relay': digest('b'),
  'delivery-event-projector': digest('c'),
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'contract-chart-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Loose = Record<string, never>

/** What decides about a release: identity, labels, size, images, selectors, strategy, routes. */
function essence(object: KubeObject): unknown {
  const { apiVersion, kind, metadata } = object
  const spec = (object.spec ?? {}) as Loose & {
    template?: { metadata: Loose; spec: { containers: Loose[]; initContainers: Loose[] } }
  }
  const { template, ...rest } = spec
  const kept =
    kind === 'HorizontalPodAutoscaler' ? pick(rest, ['scaleTargetRef', 'minReplicas', 'maxReplicas']) : rest
  const containers = (list: Loose[] | undefined) =>
    (list ?? []).map((container) => pick(container, ['name', 'image', 'args', 'env']))
  const pods =
    template === undefined
      ? {}
      : {
          labels: template.metadata.labels,
          annotations: Object.keys(template.metadata.annotations ?? {}).sort(),
          containers: containers(template.spec.containers),
          initContainers: containers(template.spec.initContainers).map(({ name, image }) => ({
            name,
            image,
          })),
        }
  return { apiVersion, kind, name: metadata.name, labels: metadata.labels, spec: kept, pods }
}

const pick = (object: Loose, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap((name) => (object[name] === undefined ? [] : [[name, object[name]]])))

describe.each(['staging', 'prod-us', 'prod-eu', 'prod-me', 'prod-ap'])('the objects of %s', (environment) => {
  it('are those that Helm makes of the chart, as far as they carry a release', () => {
    const files = environmentFolder(chart, environment, digests)
    const target = join(folder, environment)
    writeFolder(target, files)
    const namespace = `delivery-${environment}`
    const text = execFileSync(
      join(rig.binDir, 'helm'),
      [
        'template',
        'delivery',
        target,
        '--namespace',
        namespace,
        '--values',
        join(target, 'values.yaml'),
        '--values',
        join(target, 'pins.yaml'),
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH ?? '', HOME: folder } },
    )
    const real = parseAllDocuments(text).flatMap((document) => {
      const value = document.toJS() as KubeObject | null
      return value === null ? [] : [value]
    })
    const ours = renderDelivery(files, {
      name: namespace,
      namespace,
      valueFiles: ['values.yaml', 'pins.yaml'],
    })
    const identity = (object: KubeObject) => `${object.kind}/${object.metadata.name}`
    const kinds = new Set(ours.map(({ kind }) => kind))
    const byName = (objects: KubeObject[]) =>
      Object.fromEntries(objects.map((object) => [identity(object), essence(object)]))
    expect(byName(ours)).toEqual(byName(real.filter(({ kind }) => kinds.has(kind))))
    expect([...new Set(real.map(({ kind }) => kind))].filter((kind) => !kinds.has(kind)).sort()).toEqual([
      'ConfigMap',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'ServiceAccount',
    ])
  })
})
