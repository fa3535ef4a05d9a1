import { randomUUID } from 'node:crypto'
import type { DeliveryStore } from '../api/delivery-store.js'
import { type Delivery, mayBecome } from '../domain/delivery.js'

/** A store for tests of the HTTP layer; the one on PostgreSQL is tested on PostgreSQL. */
export function memoryStore(now = () => new Date('2026-03-03T10:00:00Z')): DeliveryStore {
  const rows = new Map<string, { readonly tenant: string; delivery: Delivery }>()
  const ofTenant = (tenant: string) =>
    [...rows.values()]
      .filter((row) => row.tenant === tenant)
      .map((row) => row.delivery)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  const find = (tenant: string, id: string) => ofTenant(tenant).find((delivery) => delivery.id === id)
  return {
    list: async (tenant, { status, after, limit }) =>
      ofTenant(tenant)
        .filter(
          (delivery) =>
            (status === undefined || delivery.status === status) &&
            (after === undefined || delivery.id > after),
        )
        .slice(0, limit),
    get: async (tenant, id) => find(tenant, id),
    create: async (tenant, created) => {
      if (ofTenant(tenant).some((delivery) => delivery.reference === created.reference))
        return { refused: 'reference-taken' }
      const at = now().toISOString()
      const delivery: Delivery = {
        id: randomUUID(),
        ...created,
        status: 'planned',
        revision: 1,
        createdAt: at,
        updatedAt: at,
      }
      rows.set(delivery.id, { tenant, delivery })
      return { delivery }
    },
    change: async (tenant, id, { status, revision }) => {
      const before = find(tenant, id)
      if (before === undefined) return { refused: 'not-found' }
      if (before.revision !== revision) return { refused: 'revision-changed' }
      if (!mayBecome(before.status, status)) return { refused: 'status-not-reachable' }
      const delivery = { ...before, status, revision: revision + 1, updatedAt: now().toISOString() }
      rows.set(id, { tenant, delivery })
      return { delivery }
    },
    summary: async () => [],
  }
}
