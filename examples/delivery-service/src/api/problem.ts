import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  type PipeTransform,
} from '@nestjs/common'
import type { Response } from 'express'
import type { z } from 'zod'
import { correlationId } from '../platform/correlation.js'
import { errorKind, type Log } from '../platform/logger.js'

/** An answer that is no success, as RFC 9457 has it. `detail` is for the caller; it quotes nothing he sent. */
export class Problem extends HttpException {
  constructor(status: number, title: string, detail?: string) {
    super({ title, detail }, status)
    // Nest takes the message from the body only where that is a text.
    this.message = title
  }
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>()
    if (response.headersSent) return
    const status = statusOf(error)
    if (status >= 500 && !(error instanceof Problem))
      this.log.error('a request failed', { error: errorKind(error), code: status })
    const body = {
      type: 'about:blank',
      title: error instanceof Problem ? error.message : (TITLES[status] ?? 'Error'),
      status,
      ...(error instanceof Problem ? detailOf(error) : {}),
      correlationId: correlationId(),
    }
    response.status(status).type('application/problem+json').send(JSON.stringify(body))
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus()
  // body-parser marks what the caller got wrong (malformed JSON, too much of it).
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    return error.status >= 400 && error.status < 500 ? error.status : 500
  }
  return 500
}

function detailOf(problem: Problem): { detail?: string } {
  const body = problem.getResponse()
  const detail = typeof body === 'object' && 'detail' in body ? body.detail : undefined
  return typeof detail === 'string' ? { detail } : {}
}

/** Checks a part of the request; says which members are at fault and never repeats their values. */
export class Checked<T> implements PipeTransform<unknown, T> {
  constructor(
    private readonly schema: z.ZodType<T>,
    private readonly status = 422,
  ) {}

  transform(value: unknown): T {
    const result = this.schema.safeParse(value)
    if (result.success) return result.data
    const members = result.error.issues.map((issue) => issue.path.join('.') || 'the body')
    throw new Problem(this.status, 'Not valid', `at fault: ${[...new Set(members)].join(', ').slice(0, 500)}`)
  }
}
