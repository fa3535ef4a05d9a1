import { isMap, parseDocument, type YAMLMap } from 'yaml'

/** Where the parts stand on this machine, and how long a release may take here. */
export interface LocalEndpoints {
  /** `127.0.0.1:5005` */
  readonly registryHost: string
  readonly gitopsUrl: string
  readonly prometheusUrl: string
  /** Name of the variable with the database URL of an environment; without a database nothing is migrated. */
  readonly databaseEnv: ((environment: string) => string) | undefined
  readonly holds: Readonly<Record<number, string>>
  readonly spacing: string
  readonly bake: string
  readonly bakeRequests: number
}

/**
 * The example's tuesday.yaml with the endpoints of one machine. Only addresses and times change: the service,
 * its workloads, environments, order, metrics and approvals are those of the example.
 */
export function localConfig(example: string, at: LocalEndpoints): string {
  const document = parseDocument(example)
  document.setIn(['image', 'repository'], `${at.registryHost}/acme/delivery-service`)
  document.setIn(['gitops', 'repository'], at.gitopsUrl)
  const environments = document.get('environments') as YAMLMap
  for (const { key } of environments.items) {
    const name = String(key)
    document.setIn(['environments', name, 'prometheus', 'url'], at.prometheusUrl)
    if (at.databaseEnv === undefined) document.deleteIn(['environments', name, 'database'])
    else document.setIn(['environments', name, 'database', 'url-env'], at.databaseEnv(name))
  }
  if (at.databaseEnv === undefined) document.delete('migrations')
  document.setIn(['train', 'spacing'], at.spacing)
  document.setIn(['train', 'bake'], at.bake)
  document.setIn(['train', 'bake-requests'], at.bakeRequests)
  const holds = document.getIn(['canary', 'holds'])
  if (!isMap(holds)) throw new Error('the example has no canary.holds')
  document.setIn(['canary', 'holds'], document.createNode(at.holds))
  return document.toString()
}
