import { describe, expect, it } from 'vitest'
import { deliveryRollout, imageOf } from '../cluster/testing.ts'
import { jsonType, type KubeAnswer, mergeType, until } from './kube-client.ts'
import type { ClusterTarget } from './rollout-driver.ts'

type Body = KubeAnswer['body']

/** Reads, writes, refusals and watches of the API server, as the suite uses them. */
export function describeApiContract(name: string, target: () => ClusterTarget): void {
  const services = () => `/api/v1/namespaces/${target().namespace}/services`
  const rollouts = () => `/apis/argoproj.io/v1alpha1/namespaces/${target().namespace}/rollouts`
  const call = (...request: Parameters<ClusterTarget['client']['request']>) =>
    target().client.request(...request)
  const service = (name_: string, labels: Record<string, string> = {}) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: name_, labels },
    spec: { selector: { app: name_ }, ports: [{ port: 80 }] },
  })
  /**
   * A Rollout without replicas: an object with a status of its own that stays quiet. It stays until its namespace
   * goes: argo-rollouts 1.9 reconciles one that is deleted in its hands for ever.
   */
  const quiet = (name_: string) =>
    deliveryRollout({
      namespace: target().namespace,
      name: name_,
      image: imageOf('a'),
      replicas: 0,
      spec: { paused: true },
    })

  describe(`the API: ${name}`, () => {
    it('creates, patches both ways, and deletes', async () => {
      const created = await call('POST', services(), service('plain'))
      expect([created.status, created.body.metadata.namespace]).toEqual([201, target().namespace])
      expect(created.body.metadata.uid).toBeTruthy()
      const merged = await call(
        'PATCH',
        `${services()}/plain`,
        { metadata: { labels: { a: '1', gone: null } } },
        mergeType,
      )
      expect([merged.status, merged.body.metadata.labels]).toEqual([200, { a: '1' }])
      const operations = [
        { op: 'test', path: '/spec/selector/app', value: 'plain' },
        { op: 'replace', path: '/metadata/labels/a', value: '2' },
        { op: 'add', path: '/metadata/labels/x~1y', value: '3' },
      ]
      expect((await call('PATCH', `${services()}/plain`, operations, jsonType)).body.metadata.labels).toEqual(
        { a: '2', 'x/y': '3' },
      )
      const removed = await call('DELETE', `${services()}/plain`)
      expect(removed.status).toBe(200)
      expect((await call('GET', `${services()}/plain`)).status).toBe(404)
    })

    it('keeps the version when a write changes nothing, and moves it otherwise', async () => {
      const before = (await call('POST', services(), service('version'))).body.metadata.resourceVersion
      const version = async (app: string) =>
        (await call('PATCH', `${services()}/version`, { spec: { selector: { app } } }, mergeType)).body
          .metadata.resourceVersion
      expect(await version('version')).toBe(before)
      expect(await version('other')).not.toBe(before)
    })

    it('counts generations by the spec of a custom resource, and takes its status through the subresource only', async () => {
      const created = await call('POST', rollouts(), quiet('split'))
      expect([created.status, created.body.metadata.generation]).toEqual([201, 1])
      const where = `${rollouts()}/split`
      const labelled = await call('PATCH', where, { metadata: { labels: { a: '1' } } }, mergeType)
      expect(labelled.body.metadata.generation).toBe(1)
      const touched = await call(
        'PATCH',
        where,
        { spec: { minReadySeconds: 1 }, status: { promoteFull: true } },
        mergeType,
      )
      expect([touched.body.metadata.generation, touched.body.status?.promoteFull ?? false]).toEqual([
        2,
        false,
      ])
      const status = await call(
        'PATCH',
        `${where}/status`,
        { status: { message: 'x' }, spec: { minReadySeconds: 9 } },
        mergeType,
      )
      expect([status.status, status.body.spec.minReadySeconds, status.body.status.message]).toEqual([
        200,
        1,
        'x',
      ])
    })

    it('refuses a write from an old version, and one whose test fails, in the words of the server', async () => {
      const old = (await call('POST', services(), service('race'))).body.metadata.resourceVersion
      await call('PATCH', `${services()}/race`, { metadata: { labels: { a: '1' } } }, mergeType)
      const late = { metadata: { resourceVersion: old, labels: { a: '2' } } }
      expect(await call('PATCH', `${services()}/race`, late, mergeType)).toMatchObject({
        status: 409,
        body: {
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          reason: 'Conflict',
          code: 409,
          message:
            'Operation cannot be fulfilled on services "race": the object has been modified; please apply your changes to the latest version and try again',
        },
      })
      const failing = [
        { op: 'replace', path: '/metadata/labels/a', value: '3' },
        { op: 'test', path: '/spec/selector/app', value: 'nope' },
      ]
      const refused = await call('PATCH', `${services()}/race`, failing, jsonType)
      expect([refused.status, refused.body.reason]).toEqual([422, 'Invalid'])
      expect((await call('GET', `${services()}/race`)).body.metadata.labels).toEqual({ a: '1' })
    })

    it('names what is not there and what is there already', async () => {
      expect(await call('GET', `${rollouts()}/nobody`)).toMatchObject({
        status: 404,
        body: {
          kind: 'Status',
          reason: 'NotFound',
          code: 404,
          message: 'rollouts.argoproj.io "nobody" not found',
          details: { name: 'nobody', group: 'argoproj.io', kind: 'rollouts' },
        },
      })
      expect(await call('GET', `${services()}/nobody`)).toMatchObject({
        status: 404,
        body: { message: 'services "nobody" not found' },
      })
      await call('POST', services(), service('twice'))
      expect(await call('POST', services(), service('twice'))).toMatchObject({
        status: 409,
        body: { reason: 'AlreadyExists', message: 'services "twice" already exists' },
      })
      const nowhere = await call('POST', '/api/v1/namespaces/no-such-namespace/services', service('lost'))
      expect(nowhere).toMatchObject({
        status: 404,
        body: { reason: 'NotFound', message: 'namespaces "no-such-namespace" not found' },
      })
    })

    it('refuses a strategic merge patch of a custom resource', async () => {
      await call('POST', rollouts(), quiet('types'))
      const answer = await call('PATCH', `${rollouts()}/types`, {}, 'application/strategic-merge-patch+json')
      expect([answer.status, answer.body.reason]).toEqual([415, 'UnsupportedMediaType'])
    })

    it('lists by label, and custom resources with their kind', async () => {
      for (const [name_, tier] of [
        ['list-a', 'web'],
        ['list-b', 'job'],
      ] as const) {
        await call('POST', services(), service(name_, { tier }))
      }
      const names = async (selector: string) => {
        const { body } = await call('GET', `${services()}?labelSelector=${encodeURIComponent(selector)}`)
        return body.items.map((item: Body) => item.metadata.name)
      }
      expect(await names('tier=web')).toEqual(['list-a'])
      expect(await names('tier in (web,job)')).toEqual(['list-a', 'list-b'])
      expect(await names('tier,tier!=web')).toEqual(['list-b'])
      await call('POST', rollouts(), quiet('listed'))
      const { body } = await call('GET', `${rollouts()}?fieldSelector=metadata.name%3Dlisted`)
      expect(body).toMatchObject({
        kind: 'RolloutList',
        apiVersion: 'argoproj.io/v1alpha1',
        items: [{ kind: 'Rollout' }],
      })
      expect(body.metadata.resourceVersion).toMatch(/^\d+$/)
    })

    it('tells a watcher what happened since a version, in order', async () => {
      const { resourceVersion } = (await call('GET', services())).body.metadata
      const watching = await target().client.watch(
        `${services()}?watch=true&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3Dseen`,
      )
      await call('POST', services(), service('seen'))
      await call('PATCH', `${services()}/seen`, { metadata: { labels: { a: '1' } } }, mergeType)
      await call('DELETE', `${services()}/seen`)
      await until(
        'three events',
        async () => (watching.events.length >= 3 ? true : undefined),
        20,
        () => watching.events,
      )
      watching.stop()
      expect(watching.events.map((event) => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
      const versions = watching.events.map((event) => Number(event.object.metadata.resourceVersion))
      expect(versions).toEqual(versions.toSorted((a, b) => a - b))
      expect(watching.events[0]?.object).toMatchObject({
        kind: 'Service',
        apiVersion: 'v1',
        metadata: { name: 'seen' },
      })
    })

    it('shows what is there first to a watcher without a version', async () => {
      await call('POST', services(), service('present'))
      const watching = await target().client.watch(
        `${services()}?watch=true&fieldSelector=metadata.name%3Dpresent`,
      )
      await until('an event', async () => (watching.events.length > 0 ? true : undefined), 20)
      watching.stop()
      expect(watching.events).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'present' } } }])
    })

    it('closes a watch after the time asked for, with a bookmark where one is wanted', async () => {
      const { resourceVersion } = (await call('GET', services())).body.metadata
      const query = `watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=2&allowWatchBookmarks=true`
      const response = await call('GET', `${services()}?${query}`).catch(() => undefined)
      // Read as one body: it ends. What came are bookmarks at most, for nothing happened.
      const lines =
        typeof response?.body === 'string'
          ? response.body.split('\n').filter((line) => line !== '')
          : [response?.body].filter(Boolean)
      expect(response?.status ?? 200).toBe(200)
      expect(lines.length).toBeLessThanOrEqual(2)
    })
  })
}
