import { DEPLOYMENT_HASH_LABEL, POD_HASH_LABEL, type ReplicaSet } from '../objects.ts'

type Json = Readonly<Record<string, unknown>>

const EPHEMERAL = 'rollout.argoproj.io/ephemeral-metadata'

/**
 * The template of a ReplicaSet as somebody wrote it: without the hash label, and without what Argo Rollouts puts in
 * by itself (metadata of the canary or stable role, the anti-affinity between two versions).
 */
export function writtenTemplate(replicaSet: ReplicaSet): Json {
  const template = (replicaSet.spec.template ?? {}) as Json
  const injected = ephemeral(replicaSet.metadata.annotations?.[EPHEMERAL])
  const { metadata, spec, ...rest } = template as { metadata?: Json; spec?: Json }
  const { creationTimestamp: _, labels, annotations, ...meta } = (metadata ?? {}) as Record<string, unknown>
  const ownLabels = without(labels, [DEPLOYMENT_HASH_LABEL, POD_HASH_LABEL, ...Object.keys(injected.labels)])
  const ownAnnotations = without(annotations, Object.keys(injected.annotations))
  return {
    ...rest,
    metadata: {
      ...meta,
      ...(ownLabels === undefined ? {} : { labels: ownLabels }),
      ...(ownAnnotations === undefined ? {} : { annotations: ownAnnotations }),
    },
    spec: withoutInjectedAffinity(spec ?? {}),
  }
}

function ephemeral(text: string | undefined): { labels: Json; annotations: Json } {
  try {
    const value = JSON.parse(text ?? '{}') as { labels?: Json; annotations?: Json } | null
    return { labels: value?.labels ?? {}, annotations: value?.annotations ?? {} }
  } catch {
    return { labels: {}, annotations: {} }
  }
}

function without(values: unknown, keys: readonly string[]): Json | undefined {
  if (values === undefined || values === null) return undefined
  const left = Object.entries(values as Json).filter(([key]) => !keys.includes(key))
  return left.length === 0 ? undefined : Object.fromEntries(left)
}

/** Terms that name the hash label are the controller's; nobody can know a hash before there is one. */
function withoutInjectedAffinity(spec: Json): Json {
  const affinity = spec.affinity as Json | undefined
  const anti = affinity?.podAntiAffinity as Json | undefined
  if (anti === undefined) return spec
  const terms = Object.entries(anti).map(([key, list]) => {
    const kept = Array.isArray(list)
      ? list.filter((term) => !JSON.stringify(term).includes(POD_HASH_LABEL))
      : list
    return [key, kept] as const
  })
  const left = Object.fromEntries(terms.filter(([, list]) => !Array.isArray(list) || list.length > 0))
  const { podAntiAffinity: _anti, ...others } = affinity ?? {}
  const restAffinity = Object.keys(left).length === 0 ? others : { ...others, podAntiAffinity: left }
  const { affinity: _affinity, ...restSpec } = spec
  return Object.keys(restAffinity).length === 0 ? restSpec : { ...restSpec, affinity: restAffinity }
}
