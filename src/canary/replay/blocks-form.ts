import type { Baseline, Block, Counts, PodCounts } from '../judge/types.ts'

/**
 * The blocks of a rollout by hand and not by a schema: a month of them is a lot, and what is wrong should be named by
 * its figure and not as "no member of the union matches".
 */
export class Misread extends Error {}

export interface BlocksRead {
  readonly blocks: readonly Block[]
  /** Some counts were fractions, as `increase()` gives them, and have been rounded. */
  readonly approximate: boolean
}

type Fields = Readonly<Record<string, unknown>>

export function readBlocks(value: unknown): BlocksRead {
  if (!Array.isArray(value)) throw new Misread(`blocks is ${show(value)}, not a list`)
  const round = new Rounding()
  return { blocks: value.map((each, at) => readBlock(each, `blocks[${at}]`, round)), approximate: round.used }
}

/** Stable counts from before the start, one or a list of them (one by cut). */
export function readHistory(value: unknown): Readonly<Record<string, readonly Baseline[]>> {
  if (value === undefined || value === null) return {}
  const round = new Rounding()
  return Object.fromEntries(
    Object.entries(fieldsOf(value, 'history')).flatMap(([name, each]) => {
      if (each === null) return []
      const at = `history.${nameOf(name, 'history')}`
      return [[name, listOf(each, at).map(([one, place]) => readBaseline(one, place, round))] as const]
    }),
  )
}

function readBaseline(value: unknown, at: string, round: Rounding): Baseline {
  const fields = fieldsOf(value, at)
  const { phi } = fields
  if (phi !== undefined && !(typeof phi === 'number' && phi >= 1)) {
    throw new Misread(`${at}.phi is ${show(phi)}; it is a number from 1 on`)
  }
  return { ...pair(fields, 'n', 'e', at, round), ...(phi === undefined ? {} : { phi }) }
}

/** `null`, and a block or a metric that is not there, is a scrape that is missing. */
function readBlock(value: unknown, at: string, round: Rounding): Block {
  if (value === null) return { metrics: {} }
  const fields = fieldsOf(value, at)
  const metrics: Record<string, readonly Counts[]> = {}
  for (const [name, each] of Object.entries(fieldsOf(fields.metrics ?? {}, `${at}.metrics`))) {
    const place = `${at}.metrics.${nameOf(name, `${at}.metrics`)}`
    if (each === null) continue
    const cuts = listOf(each, place).map(([one, where]) => readCounts(one, where, round))
    const whole = cuts.filter((one) => one !== undefined)
    if (whole.length === cuts.length) metrics[name] = whole
  }
  const { excluded } = fields
  if (excluded !== undefined && typeof excluded !== 'boolean') {
    throw new Misread(`${at}.excluded is ${show(excluded)}, not true or false`)
  }
  return {
    metrics,
    ...(fields.pods === undefined || fields.pods === null ? {} : { pods: readPods(fields.pods, at, round) }),
    ...(excluded === undefined ? {} : { excluded }),
  }
}

/** Undefined: one arm was not scraped, so there is nothing to compare. */
function readCounts(value: unknown, at: string, round: Rounding): Counts | undefined {
  const fields = fieldsOf(value, at)
  const missing = (key: string) => fields[key] === undefined || fields[key] === null
  const armMissing = (n: string, e: string) => missing(n) && missing(e)
  if (armMissing('nc', 'ec') || armMissing('ns', 'es')) return undefined
  const canary = pair(fields, 'nc', 'ec', at, round)
  const stable = pair(fields, 'ns', 'es', at, round)
  return { nc: canary.n, ec: canary.e, ns: stable.n, es: stable.e }
}

function readPods(value: unknown, at: string, round: Rounding): Readonly<Record<string, PodCounts>> {
  const pods: Record<string, PodCounts> = {}
  const given = fieldsOf(value, `${at}.pods`)
  for (const pod of Object.keys(given)) {
    const fields = fieldsOf(given[pod], `${at}.pods.${pod}`)
    const { arm } = fields
    if (arm !== 'canary' && arm !== 'stable') {
      throw new Misread(`${at}.pods.${pod}.arm is ${show(arm)}; it is "canary" or "stable"`)
    }
    const metrics: Record<string, { readonly n: number; readonly e: number }> = {}
    for (const name of Object.keys(fields)) {
      const tally = fields[name]
      // What else is noted of a pod (its node, its restarts) is no count.
      if (tally === null || typeof tally !== 'object') continue
      const { n, e } = tally as Fields
      // Thousands of these in one rollout: a way to the figure is spelt out only for one that is wrong.
      metrics[name] =
        isCount(n) && isCount(e) && e <= n && !(name in {})
          ? { n: round.whole(n), e: round.whole(e) }
          : pair(tally as Fields, 'n', 'e', `${at}.pods.${pod}.${nameOf(name, `${at}.pods.${pod}`)}`, round)
    }
    pods[nameOf(pod, `${at}.pods`, 'pod')] = { arm, metrics }
  }
  return pods
}

function pair(fields: Fields, all: string, bad: string, at: string, round: Rounding) {
  const n = countOf(fields[all], `${at}.${all}`)
  const e = countOf(fields[bad], `${at}.${bad}`)
  if (e > n) throw new Misread(`${at} has more bad requests than requests (${bad} ${e}, ${all} ${n})`)
  return { n: round.whole(n), e: round.whole(e) }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0

function countOf(value: unknown, at: string): number {
  if (isCount(value)) return value
  throw new Misread(
    value === undefined ? `${at} is missing` : `${at} is ${show(value)}; a count is a number from 0 on`,
  )
}

class Rounding {
  used = false

  whole(count: number): number {
    const rounded = Math.round(count)
    if (rounded !== count) this.used = true
    return rounded
  }
}

function listOf(value: unknown, at: string): readonly (readonly [unknown, string])[] {
  if (!Array.isArray(value)) return [[value, at]]
  if (value.length === 0) throw new Misread(`${at} is an empty list`)
  return value.map((each, index) => [each, `${at}[${index}]`] as const)
}

function fieldsOf(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new Misread(`${at} is ${show(value)}, not an object`)
}

/** A name that every object already has would be found where nothing was ever counted. */
export function nameOf(name: string, at: string, what = 'metric'): string {
  if (name !== '' && !(name in {})) return name
  throw new Misread(`${at} has a ${what} called ${JSON.stringify(name)}, which is no name for one`)
}

const show = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40))
