import { Body, Controller, Get, Inject, Param, Patch, Post, Query, Res, UseGuards } from '@nestjs/common'
import type { Response } from 'express'
import { z } from 'zod'
import {
  type Delivery,
  type DeliveryChange,
  deliveryChange,
  type Listing,
  listing,
  type NewDelivery,
  newDelivery,
} from '../domain/delivery.js'
import type { Cache } from '../platform/cache.js'
import { acceptCorrelation, correlationId } from '../platform/correlation.js'
import type { DeliveryStore, Refusal, SummaryLine } from './delivery-store.js'
import { CACHE, STORE } from './parts.js'
import { Checked, Problem } from './problem.js'
import { Scope, Tenant, TenantGuard } from './tenant-guard.js'

/** Another tenant's delivery and one that never was are the same answer. */
const REFUSED: Readonly<Record<Refusal, readonly [number, string, string]>> = {
  'not-found': [404, 'Not Found', 'there is no such delivery'],
  'reference-taken': [409, 'Conflict', 'a delivery with this reference exists already'],
  'revision-changed': [409, 'Conflict', 'the delivery was changed since this revision; read it again'],
  'status-not-reachable': [409, 'Conflict', 'the delivery cannot go to this status from where it is'],
}

const uuid = new Checked(z.uuid(), 404)

@Controller('v1')
@UseGuards(TenantGuard)
export class DeliveriesController {
  constructor(
    @Inject(STORE) private readonly store: DeliveryStore,
    @Inject(CACHE) private readonly cache: Cache,
  ) {}

  @Get('deliveries')
  @Scope('deliveries:read')
  async list(@Tenant() tenant: string, @Query(new Checked(listing, 400)) query: Listing): Promise<Page> {
    const items = await this.store.list(tenant, query)
    const last = items.length === query.limit ? items.at(-1)?.id : undefined
    return { items, ...(last === undefined ? {} : { next: last }) }
  }

  @Get('deliveries/:id')
  @Scope('deliveries:read')
  async get(@Tenant() tenant: string, @Param('id', uuid) id: string): Promise<Delivery> {
    const cached = await this.cache.get(tenant, id)
    if (cached !== undefined) return JSON.parse(cached) as Delivery
    const delivery = await this.store.get(tenant, id)
    if (delivery === undefined) throw new Problem(...REFUSED['not-found'])
    await this.cache.set(tenant, id, JSON.stringify(delivery))
    return delivery
  }

  @Post('deliveries')
  @Scope('deliveries:write')
  async create(
    @Tenant() tenant: string,
    @Body(new Checked(newDelivery)) body: NewDelivery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Delivery> {
    const outcome = await this.store.create(tenant, body, correlation())
    if ('refused' in outcome) throw new Problem(...REFUSED[outcome.refused])
    response.location(`/v1/deliveries/${outcome.delivery.id}`)
    return outcome.delivery
  }

  @Patch('deliveries/:id')
  @Scope('deliveries:write')
  async change(
    @Tenant() tenant: string,
    @Param('id', uuid) id: string,
    @Body(new Checked(deliveryChange)) body: DeliveryChange,
  ): Promise<Delivery> {
    const outcome = await this.store.change(tenant, id, body, correlation())
    await this.cache.drop(tenant, id)
    if ('refused' in outcome) throw new Problem(...REFUSED[outcome.refused])
    return outcome.delivery
  }

  @Get('summary')
  @Scope('deliveries:read')
  async summary(@Tenant() tenant: string): Promise<{ readonly lines: readonly SummaryLine[] }> {
    return { lines: await this.store.summary(tenant) }
  }
}

interface Page {
  readonly items: readonly Delivery[]
  /** Pass it as `after` to get the next page. */
  readonly next?: string
}

function correlation(): string {
  return correlationId() ?? acceptCorrelation(undefined)
}
