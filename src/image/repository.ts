import { err, ok, type Result } from '../release/index.ts'

/** A repository of a registry: `registry.example.com:5000/acme/delivery-service`. */
export interface Repository {
  /** As it stands in image references. */
  readonly text: string
  /** Where the registry's API answers. */
  readonly origin: string
  /** `host[:port]` as credentials are filed under. */
  readonly host: string
  /** `acme/delivery-service` */
  readonly name: string
}

// OCI distribution specification 1.1, "Pulling manifests".
const path = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
const host = /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$/

export function parseRepository(text: string): Result<Repository> {
  const slash = text.indexOf('/')
  const server = slash < 0 ? '' : text.slice(0, slash)
  const name = text.slice(slash + 1)
  if (!host.test(server) || !path.test(name)) return err(invalid(text))
  // The name of Docker Hub in references is not the name of its API.
  const api = server === 'docker.io' ? 'registry-1.docker.io' : server
  const scheme = isLoopback(server) ? 'http' : 'https'
  return ok({ text, origin: `${scheme}://${api}`, host: server, name })
}

/** As the other clients do it: plain HTTP is taken from this very machine only. */
function isLoopback(server: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(server)
}

function invalid(text: string) {
  const upper = /[A-Z]/.test(text.slice(text.indexOf('/') + 1))
  return {
    blame: 'user',
    reason: 'image-repository-invalid',
    cause: `${JSON.stringify(text)} is no image repository.`,
    likely: upper
      ? 'It holds upper-case letters, as the name of a GitHub owner may; registries take lower case only.'
      : 'The registry is left out, or a tag or digest stands behind the name.',
    next: 'Write image.repository as registry/name in lower case, e.g. ghcr.io/acme/delivery-service.',
  } as const
}
