/** One of the two tenants of a run. */
export type Side = 'a' | 'b'
export const sides: readonly Side[] = ['a', 'b']
export const other = (side: Side): Side => (side === 'a' ? 'b' : 'a')

/** What is tried on an operation: name -> what it is, for people. The letters are those of docs/tenant-gate.md. */
export const attacks = {
  'own-answer': "(c) the caller's own lists, searches, exports and objects hold nothing foreign",
  'path-id': '(a) an id of the other tenant in the path',
  reference: '(b) an id of the other tenant in a query parameter or a body field',
  search: '(c) a search for what only the other tenant has',
  count: '(c) numbers do not move when the other tenant adds something',
  override: '(d) the other tenant named in a header, a parameter, the path or the body',
  write: '(e) a write on an object of the other tenant, read back by its owner',
  bulk: '(f) own and foreign ids in one request',
  cache: "(g) the other tenant's URL, entity tag and cacheability",
  handle: '(h) cursor, link or idempotency key of the other tenant',
  errors: '(i) error bodies and headers',
  'natural-key': '(i) a natural key that the other tenant uses',
  interleave: '(k) both tenants at once over the same connections',
  anonymous: 'no credentials at all',
} as const
export type Attack = keyof typeof attacks

export type CaseVerdict = 'pass' | 'leak' | 'inconclusive' | 'untested' | 'exempt'

/** What a developer needs to see it again. Nothing secret is in it. */
export interface Evidence {
  readonly why: string
  readonly status?: number
  /** What was found, with a little of what stands around it. */
  readonly found?: string
  /** One command; the credentials are variables. */
  readonly curl?: string
  /** Something that is worth knowing and no leak by the policy. */
  readonly warning?: string
}

export interface Case {
  readonly attack: Attack
  /** Ids of the tenants: whose credentials, and whose data. */
  readonly from: string
  readonly to: string
  readonly verdict: CaseVerdict
  readonly evidence: Evidence
}

export interface OperationCases {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly cases: readonly Case[]
}
