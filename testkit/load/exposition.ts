import type { Sample } from './types.ts'

const TYPES: Readonly<Record<string, string>> = {
  http_requests_total: 'counter',
  http_request_duration_seconds: 'histogram',
  kube_pod_container_status_restarts_total: 'counter',
  load_unrouted_requests_total: 'counter',
  load_cluster_read_failures_total: 'counter',
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Prometheus text format 0.0.4: all samples of a family stand together under its TYPE line. */
export function exposition(samples: readonly Sample[]): string {
  const families = new Map<string, string[]>()
  for (const sample of samples) {
    const family = familyOf(sample.name)
    const lines = families.get(family) ?? []
    lines.push(`${sample.name}${labelText(sample.labels)} ${numberText(sample.value)}`)
    families.set(family, lines)
  }
  return [...families]
    .map(([family, lines]) => `# TYPE ${family} ${TYPES[family] ?? 'untyped'}\n${lines.join('\n')}\n`)
    .join('')
}

function familyOf(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '')
  return TYPES[base] === 'histogram' ? base : name
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
