import { Controller, Get, Inject } from '@nestjs/common'
import { HEALTH } from './parts.js'
import { Problem } from './problem.js'

export interface Health {
  readonly version: { readonly service: string; readonly commit: string; readonly digest: string }
  isReady(): Promise<boolean>
}

@Controller()
export class HealthController {
  constructor(@Inject(HEALTH) private readonly health: Health) {}

  /** The process answers: no dependency is asked, or a slow database would restart every pod. */
  @Get('healthz')
  alive(): { readonly status: 'alive' } {
    return { status: 'alive' }
  }

  @Get('readyz')
  async ready(): Promise<{ readonly status: 'ready' }> {
    if (await this.health.isReady()) return { status: 'ready' }
    throw new Problem(
      503,
      'Service Unavailable',
      'draining, or the database does not answer with the schema that is needed',
    )
  }

  /** What a release proves after a pin: this pod runs the digest that was pinned. */
  @Get('version')
  version(): Health['version'] {
    return this.health.version
  }
}
