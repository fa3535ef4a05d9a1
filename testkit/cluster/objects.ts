import { createHash } from 'node:crypto'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }
export type JsonObject = { [key: string]: Json | undefined }

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** A type and not an interface: it fits where any object of the API is taken. */
export type Metadata = {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  generateName?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
}

/** Any object of the API; `spec` and `status` are read through the narrow types of the engine in question. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec?: unknown
  status?: unknown
  [field: string]: unknown
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const clone = <T>(value: T): T => structuredClone(value)

/** JSON with sorted keys: equal values have equal text. Absent and undefined are the same. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${fields.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(',')}}`
}

export const same = (a: unknown, b: unknown): boolean => a === b || canonical(a) === canonical(b)

/** The letters that Kubernetes uses in generated names: no vowels, nothing that looks like another. */
const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'

export function safeHash(text: string, length: number): string {
  const bytes = createHash('sha256').update(text).digest()
  let out = ''
  for (let at = 0; at < length; at++) out += safeLetters[(bytes[at] ?? 0) % safeLetters.length]
  return out
}

/** Equal templates have equal hashes. The value itself is the controller's own affair: nobody may compute it. */
export function templateHash(template: unknown): string {
  return safeHash(canonical(template), 10)
}

export function matchesLabels(
  labels: Readonly<Record<string, string>> | undefined,
  selector: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(selector ?? {}).every(([name, value]) => labels?.[name] === value)
}

export const controllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true)

export function ownedBy(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export const kubeTime = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`
