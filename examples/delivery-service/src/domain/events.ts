import { z } from 'zod'
import { type Delivery, statuses } from './delivery.js'

/** The events of events/catalogue.yaml. Consumers ignore members they do not know, so members may be added. */
export const deliveryEvent = z.object({
  eventId: z.uuid(),
  type: z.enum(['delivery.created', 'delivery.status-changed']),
  version: z.literal(1),
  tenant: z.string().min(1),
  occurredAt: z.iso.datetime({ offset: true }),
  correlationId: z.string().min(1),
  data: z.object({
    deliveryId: z.uuid(),
    reference: z.string(),
    status: z.enum(statuses),
    previousStatus: z.enum(statuses).optional(),
    revision: z.int().min(1),
  }),
})

export type DeliveryEvent = z.output<typeof deliveryEvent>

/** One subject per event type and tenant, so that a consumer can be given one tenant only. */
export function subjectOf(event: Pick<DeliveryEvent, 'type' | 'tenant'>): string {
  return `delivery.v1.${event.tenant}.${event.type.slice('delivery.'.length)}`
}

export const streamName = 'DELIVERY'
export const streamSubjects = 'delivery.v1.>'

export function eventOf(
  delivery: Delivery,
  about: { eventId: string; tenant: string; correlationId: string; previousStatus?: Delivery['status'] },
): DeliveryEvent {
  return {
    eventId: about.eventId,
    type: about.previousStatus === undefined ? 'delivery.created' : 'delivery.status-changed',
    version: 1,
    tenant: about.tenant,
    occurredAt: delivery.updatedAt,
    correlationId: about.correlationId,
    data: {
      deliveryId: delivery.id,
      reference: delivery.reference,
      status: delivery.status,
      ...(about.previousStatus === undefined ? {} : { previousStatus: about.previousStatus }),
      revision: delivery.revision,
    },
  }
}
