import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { NextFunction, Request, Response } from 'express'
import type { Registry } from 'prom-client'
import type { Cache } from '../platform/cache.js'
import { type Log, nestLogger } from '../platform/logger.js'
import type { VerifyToken } from '../platform/tokens.js'
import { DeliveriesController } from './deliveries.controller.js'
import type { DeliveryStore } from './delivery-store.js'
import { type Health, HealthController } from './health.controller.js'
import { observeRequests } from './http-metrics.js'
import { CACHE, HEALTH, STORE, VERIFY } from './parts.js'
import { ProblemFilter } from './problem.js'

export interface ApiParts {
  readonly store: DeliveryStore
  readonly cache: Cache
  readonly health: Health
  readonly verify: VerifyToken
  readonly registry: Registry
  readonly log: Log
}

@Module({})
class ApiModule {}

export async function createApi(parts: ApiParts): Promise<NestExpressApplication> {
  const module = {
    module: ApiModule,
    controllers: [DeliveriesController, HealthController],
    providers: [
      { provide: STORE, useValue: parts.store },
      { provide: CACHE, useValue: parts.cache },
      { provide: HEALTH, useValue: parts.health },
      { provide: VERIFY, useValue: parts.verify },
    ],
  }
  const app = await NestFactory.create<NestExpressApplication>(module, {
    logger: nestLogger(parts.log),
    bodyParser: false,
  })
  app.disable('x-powered-by')
  app.use(observeRequests(parts.registry, parts.log))
  app.use((_request: Request, response: Response, next: NextFunction) => {
    // What one tenant reads must not stand in a cache that another one asks.
    response.setHeader('cache-control', 'no-store')
    next()
  })
  app.useBodyParser('json', { limit: '32kb' })
  app.useGlobalFilters(new ProblemFilter(parts.log))
  return app
}
