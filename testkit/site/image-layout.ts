import { join } from 'node:path'
import { assembleLayout, folderFiles } from '../../src/image/index.ts'
import type { Digest } from '../../src/release/index.ts'
import type { ServiceRepository } from './service-repository.ts'

/**
 * The image of a commit without a builder: an OCI layout with the sources of the service as its only layer. It has
 * a real digest and is pushed by the real code, but it is never started.
 */
export async function imageLayout(
  service: ServiceRepository,
  commit: string,
  dir: string,
  created: Date,
): Promise<{ readonly layout: string; readonly digest: Digest }> {
  const layout = join(dir, `layout-${commit}`)
  const digest = await assembleLayout({
    dir: layout,
    files: await folderFiles(service.dir, {
      prefix: 'app',
      without: ['.git', '.github', 'charts', 'argocd'],
    }),
    created,
    labels: {
      'org.opencontainers.image.revision': commit,
      'org.opencontainers.image.created': created.toISOString(),
    },
    settings: {
      entrypoint: ['node'],
      workingDir: '/app',
      user: '65532',
      exposedPorts: ['8080/tcp', '9090/tcp'],
    },
  })
  return { layout, digest }
}
