import * as z from 'zod'
import { durationPattern, formatDuration, longestDurationMs, parseDuration } from '../release/index.ts'
import { selectorProblem } from './selector.ts'

/**
 * The kinds of values that tuesday.yaml is made of. Each message completes the sentence "`path` …".
 * Where the value may be a secret that stands in the wrong place, `secret` keeps it out of the message.
 */
function text(pattern: RegExp, problem: string, longest = 253) {
  return z
    .string()
    .max(longest, { error: `is longer than ${longest} characters` })
    .regex(pattern, { error: problem })
}

/** RFC 1123 label, as Kubernetes wants for namespaces and most names. */
export const label = () =>
  text(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'has to be lower-case letters, digits and inner dashes, at most 63',
  )

/** Names of clusters in a kubeconfig have no grammar; what shells and logs cannot carry is refused. */
export const contextName = () => text(/^[^\s\p{Cc}]+$/u, 'has to be a name without spaces')

export const environmentVariable = () =>
  text(
    /^[A-Z_][A-Z0-9_]*$/,
    'has to be the NAME of a variable in capitals; the value itself does not belong in this file',
  )

/** A path that stays below its root in any checkout: POSIX, relative, nothing hidden behind `..`. */
export const path = () =>
  z
    .string()
    .max(1024)
    .refine((value) => pathProblem(value) === undefined, {
      error: (issue) => pathProblem(String(issue.input)) ?? '',
    })
    // The same rule for editors, as far as a pattern carries it.
    .meta({ pattern: '^(?!/)(?!.*(^|/)\\.\\.?(/|$))(?!.*//)[^\\\\]*[^/\\\\]$' })

function pathProblem(value: string): string | undefined {
  if (value === '') return 'is empty'
  if (/[\p{Cc}\\]/u.test(value))
    return 'has to be written with forward slashes and without control characters'
  if (value.startsWith('/')) return 'has to be relative, without a leading slash'
  if (value.endsWith('/')) return 'has to end without a slash'
  if (value.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'has to be plain: no empty part, no `.` and no `..`'
  }
  return undefined
}

export function duration(least: number, most = longestDurationMs) {
  const range = `between ${formatDuration(least)} and ${formatDuration(most)}`
  return z
    .string({
      error: (issue) =>
        typeof issue.input === 'number' ? 'needs a unit, such as `90s`, `30m`, `20h` or `2d`' : undefined,
    })
    .refine((value) => parseDuration(value) !== undefined, {
      error: 'has to be a whole number and a unit: ms, s, m, h or d, such as `90s` or `30m`',
      abort: true,
    })
    .refine((value) => within(parseDuration(value), least, most), { error: `has to be ${range}` })
    .meta({ pattern: durationPattern, examples: ['30m'] })
}

function within(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most
}

export const timezone = () =>
  z
    .string()
    .refine(isTimezone, { error: 'has to be a zone of the IANA database, such as `Europe/Berlin` or `UTC`' })
    .meta({ examples: ['America/New_York', 'Europe/Berlin', 'UTC'] })

/**
 * Offsets such as `+02:00` are zones to Intl, but they know no summer time; a window written with one is an
 * hour off for half of the year.
 */
export function isTimezone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false
  if (knownZones.has(value)) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    knownZones.add(value)
    return true
  } catch {
    return false
  }
}

/** Asking Intl takes milliseconds, and regions share zones. Holds names of the database only, so it stays small. */
const knownZones = new Set<string>()

export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

export const weekday = () => z.enum(weekdays)

/** `24:00` is the end of a day, so that a window can reach it. */
export const timeOfDay = () =>
  z
    .string()
    .regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, { error: 'has to be a time of day such as "09:00"' })

export function minuteOfDay(value: string): number {
  const [hours = '0', minutes = '0'] = value.split(':')
  return Number(hours) * 60 + Number(minutes)
}

export const httpUrl = () =>
  z
    .string()
    .refine((value) => urlProblem(value) === undefined, {
      error: (issue) => urlProblem(String(issue.input)) ?? '',
    })
    .meta({ format: 'uri', pattern: '^https?://' })

function urlProblem(value: string): string | undefined {
  if (!URL.canParse(value)) return 'has to be a URL such as https://prometheus.example.com'
  const url = new URL(value)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'has to begin with https:// or http://'
  if (url.username !== '' || url.password !== '') return 'must not carry a user or a password'
  return undefined
}

/** `host[:port]/path` without tag and digest: the OCI distribution grammar of a repository, with its registry. */
export const imageRepository = () =>
  text(
    /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]{1,5})?(\/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)+$/,
    'has to be `registry/name` in lower case, without a tag and without a digest',
  )

/** `owner/name` on GitHub, or a Git URL that carries no credentials. */
export const gitRepository = () =>
  z.string().refine((value) => gitProblem(value) === undefined, {
    error: (issue) => gitProblem(String(issue.input)) ?? '',
  })

function gitProblem(value: string): string | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/.test(value)) return undefined
  if (/^git@[A-Za-z0-9.-]+:[^\s]+$/.test(value)) return undefined
  if (!URL.canParse(value) || !/^(https?|ssh|file):$/.test(new URL(value).protocol)) {
    return 'has to be `owner/name`, or a Git URL with https, ssh or file'
  }
  // `ssh://git@host` names the account of the server and is no secret.
  const { username, password, protocol } = new URL(value)
  if (password !== '' || (username !== '' && protocol !== 'ssh:'))
    return 'must not carry a user or a password'
  return undefined
}

/** The part of git-check-ref-format that branches in use can break. */
export const branch = () =>
  text(
    /^(?![-/.])(?!.*(\.\.|@\{|\/\/|\/\.|\.lock(\/|$)))[^\s~^:?*[\\\p{Cc}]+(?<![/.])$/u,
    'is not a branch name that Git accepts',
  )

export const selector = () =>
  z
    .string()
    .refine((value) => selectorProblem(value) === undefined, {
      error: (issue) => selectorProblem(String(issue.input)) ?? '',
    })
    .meta({ examples: ['http_requests_total{namespace="$namespace"}'] })

/** A finite share of a hundred. YAML reads `.inf` and `.nan` as numbers. */
export const percent = (least: number, most: number) =>
  z
    .number()
    .refine((value) => value >= least && value <= most, {
      error: `has to be between ${least} and ${most} percent`,
    })
    .meta({ minimum: least, maximum: most })
