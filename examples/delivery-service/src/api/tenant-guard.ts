import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  SetMetadata,
} from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { Request } from 'express'
import type { Caller, VerifyToken } from '../platform/tokens.js'
import { VERIFY } from './parts.js'
import { Problem } from './problem.js'

const callers = new WeakMap<object, Caller>()
const SCOPE = 'scope'

/** The scope a route asks for. Every route of `/v1` names one; a route without one is refused. */
export const Scope = (scope: 'deliveries:read' | 'deliveries:write') => SetMetadata(SCOPE, scope)

/** The tenant of the verified token. There is no other way for a handler to learn a tenant. */
export const Tenant = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const caller = callers.get(context.switchToHttp().getRequest<Request>())
  if (caller === undefined) throw new Error('a route reads the tenant without the guard')
  return caller.tenant
})

export class TenantGuard implements CanActivate {
  private readonly reflector = new Reflector()

  constructor(@Inject(VERIFY) private readonly verify: VerifyToken) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>()
    const [, token] = /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '') ?? []
    const caller = token === undefined ? undefined : await this.verify(token)
    if (caller === undefined) throw new Problem(401, 'Unauthorized', 'a valid bearer token is needed')
    const scope = this.reflector.getAllAndOverride<string | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ])
    if (scope === undefined || !caller.scopes.has(scope)) {
      throw new Problem(403, 'Forbidden', 'the token does not carry the scope of this route')
    }
    callers.set(request, caller)
    return true
  }
}
