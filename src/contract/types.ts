/** `error` fails a gate; `warning` may break somebody and is left to people; `info` is compatible. */
export type Level = 'error' | 'warning' | 'info'

export interface Location {
  readonly file: string
  /** RFC 6901, from the root of the file. */
  readonly pointer: string
  readonly line?: number
}

/** One edit of a contract. */
export interface Finding {
  /** oasdiff's id where it has one, so that policies written for it go on working. */
  readonly id: string
  readonly level: Level
  readonly method?: string
  readonly path?: string
  /** Where in the operation, for people: `response 200 application/json, items/name`. */
  readonly where: string
  readonly message: string
  readonly base?: Location
  readonly revision?: Location
  /** Stays the same over new commits and new wording: an approval names it. */
  readonly fingerprint: string
}

export interface Policy {
  /** Level by rule id, over the defaults. `*` stands for any run of characters; the longest match counts. */
  readonly levels?: Readonly<Record<string, Level | 'off'>>
  /** The defaults to start from: ours, or the levels that oasdiff publishes for its rules. */
  readonly preset?: 'default' | 'oasdiff'
  /** `strict` reports also what collides with undeclared content of open schemas. */
  readonly contentModel?: 'tolerant' | 'strict'
  /** The day that sunsets of events are judged by; without it none has passed. */
  readonly today?: Date
  /** Deprecation, sunset and stability; off unless it is given. */
  readonly lifecycle?: LifecyclePolicy
}

export interface LifecyclePolicy {
  readonly today: Date
  /** Days between the announcement of a sunset and the sunset, by stability level; 0 asks for none. */
  readonly betaDays: number
  readonly stableDays: number
}

export interface Comparison {
  readonly findings: readonly Finding[]
  readonly counts: Readonly<Record<Level, number>>
  /** Findings beyond the limit, which were counted and not kept. */
  readonly omitted: number
  /** Set when the two documents look as if they had been handed over the wrong way round. */
  readonly swapped?: string
}
