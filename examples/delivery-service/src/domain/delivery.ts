import { z } from 'zod'

export const statuses = ['planned', 'collected', 'in-transit', 'delivered', 'cancelled'] as const

export type Status = (typeof statuses)[number]

/** A delivery as the API shows it. Who receives it is known to the tenant by `reference`; no person stands here. */
export interface Delivery {
  readonly id: string
  readonly reference: string
  readonly status: Status
  readonly windowFrom: string
  readonly windowTo: string
  readonly revision: number
  readonly createdAt: string
  readonly updatedAt: string
}

const instant = z.iso.datetime({ offset: true })

export const newDelivery = z
  .strictObject({
    reference: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/),
    windowFrom: instant,
    windowTo: instant,
  })
  .refine(({ windowFrom, windowTo }) => Date.parse(windowFrom) < Date.parse(windowTo), {
    path: ['windowTo'],
    error: 'has to be later than windowFrom',
  })

export const deliveryChange = z.strictObject({ status: z.enum(statuses), revision: z.int().min(1) })

export const listing = z.strictObject({
  status: z.enum(statuses).optional(),
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export type NewDelivery = z.output<typeof newDelivery>
export type DeliveryChange = z.output<typeof deliveryChange>
export type Listing = z.output<typeof listing>

const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  planned: ['collected', 'cancelled'],
  collected: ['in-transit', 'cancelled'],
  'in-transit': ['delivered'],
  delivered: [],
  cancelled: [],
}

export function mayBecome(from: Status, to: Status): boolean {
  return NEXT[from].includes(to)
}
