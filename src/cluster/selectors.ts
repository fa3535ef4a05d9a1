import type { LabelSelector, Pod } from './objects.ts'

/** The query form of a label selector. Workloads of `apps` and `argoproj.io` use no other operators. */
export function selectorQuery(selector: LabelSelector | undefined): string | undefined {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    if (operator === 'In') parts.push(`${key} in (${values.join(',')})`)
    else if (operator === 'NotIn') parts.push(`${key} notin (${values.join(',')})`)
    else if (operator === 'Exists') parts.push(key)
    else if (operator === 'DoesNotExist') parts.push(`!${key}`)
    else return undefined
  }
  return parts.length === 0 ? undefined : parts.join(',')
}

export function matches(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value)
}

/** Endpoints of a Service are its ready pods that are not on their way out. */
export function isReady(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  return pod.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false
}

export function isCrashing(pod: Pod): boolean {
  return (
    pod.status?.containerStatuses?.some((each) => each.state?.waiting?.reason === 'CrashLoopBackOff') ?? false
  )
}
