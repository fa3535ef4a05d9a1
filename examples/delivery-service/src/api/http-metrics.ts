import type { NextFunction, Request, Response } from 'express'
import { Counter, Histogram, type Registry } from 'prom-client'
import { acceptCorrelation, withCorrelation } from '../platform/correlation.js'
import type { Log } from '../platform/logger.js'

const PROBES = new Set(['/healthz', '/readyz', '/version'])

/**
 * Correlation id, access log and metrics of each request. Routes are counted by their pattern, so that ids
 * neither make series without end nor reach a log. Probes are not counted: they would dilute the error rate.
 */
export function observeRequests(registry: Registry, log: Log) {
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by status code.',
    labelNames: ['method', 'route', 'code'] as const,
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  return (request: Request, response: Response, next: NextFunction): void => {
    const id = acceptCorrelation(request.get('x-correlation-id'))
    response.setHeader('x-correlation-id', id)
    const started = process.hrtime.bigint()
    response.once('close', () => {
      const route = routeOf(request)
      if (PROBES.has(route)) return
      // The caller went away before the answer: 499 as proxies write it, and no error of ours.
      const code = response.writableFinished ? response.statusCode : 499
      const seconds = Number(process.hrtime.bigint() - started) / 1e9
      const method = METHODS.has(request.method) ? request.method : 'OTHER'
      requests.inc({ method, route, code: String(code) })
      durations.observe({ method, route }, seconds)
      withCorrelation(id, () =>
        log.info('request', { method, route, code, durationMs: Math.round(seconds * 1000) }),
      )
    })
    withCorrelation(id, next)
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

function routeOf(request: Request): string {
  const route: unknown = request.route
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined
  return typeof path === 'string' ? path : 'unmatched'
}
