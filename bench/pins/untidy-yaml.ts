import fc from 'fast-check'

interface Leaf {
  readonly raw: string
  readonly refuse?: string
  /** May stand between `[` and `}`. */
  readonly flow: boolean
}

export type Tree =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'alias' }
  | {
      readonly kind: 'map'
      readonly flow: boolean
      readonly anchor: boolean
      readonly merge: boolean
      readonly entries: readonly Entry[]
    }
  | { readonly kind: 'list'; readonly flow: boolean; readonly items: readonly Entry[] }

export interface Entry {
  readonly node: Tree
  /** 0 plain, 1 double, 2 single quotes, 3 with dots and a slash, 4 a word of YAML 1.1. */
  readonly key: number
  readonly gap: number
  readonly note: string
  readonly before: string
}

export interface UntidyFile {
  readonly tree: Tree
  readonly head: string
  readonly tail: string
  readonly eol: string
  readonly bom: boolean
  readonly step: number
}

const traps = [
  '1',
  '1234567',
  '12e5678',
  '00e1234',
  '0123456',
  '12_3456',
  '1:20:30',
  'on',
  'no',
  'Y',
  '~',
  'null',
  '.inf',
  '.NaN',
  '2001-01-01',
  '0x1F',
  '0o17',
  '-1.',
  'sha256:abc',
  'http://x/y#z',
  'a b  c',
  '-x',
  '?x',
  'é😀',
  "it's",
  '"dq"',
  '"# no, [comment]: {x}"',
  "'it''s # no'",
  "''",
  '""',
  '"\\u0041\\t\\"\\x41"',
  '!!str 12',
  '! 5',
  '"a\\\\"',
  '',
]
const leaves: readonly Leaf[] = [
  ...traps.map((raw) => ({ raw, flow: true })),
  { raw: '[x]', flow: true, refuse: 'no scalar' },
  { raw: '{}', flow: true, refuse: 'no scalar' },
  { raw: '!!int 7', flow: true, refuse: 'tag' },
  { raw: '!custom x', flow: true, refuse: 'tag' },
  { raw: '&own x', flow: true, refuse: 'anchor' },
  { raw: '"two\n      lines"', flow: false, refuse: 'lines' },
  { raw: "'two\n\n      lines'", flow: false, refuse: 'lines' },
  { raw: 'two\n      lines', flow: false, refuse: 'lines' },
  { raw: '|\n        block # text\n        on: 012', flow: false, refuse: 'block' },
  { raw: '>-\n        folded\n\n        text', flow: false, refuse: 'block' },
]

const entryOf = (node: fc.Arbitrary<Tree>): fc.Arbitrary<Entry> =>
  fc.record({
    node,
    key: fc.nat(4),
    gap: fc.integer({ min: 1, max: 3 }),
    note: fc.constantFrom('', '', '  # note: "x" {y}', ' #', '   '),
    before: fc.constantFrom('', '', '\n', '# a: comment\n', '\n# "b\n\n'),
  })

const { tree } = fc.letrec<{ tree: Tree; map: Tree; leaf: Tree }>((tie) => ({
  leaf: fc.constantFrom(...leaves).map((leaf): Tree => ({ kind: 'leaf', leaf })),
  map: fc.record({
    kind: fc.constant('map' as const),
    flow: fc.boolean(),
    anchor: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    merge: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    entries: fc.array(entryOf(tie('tree')), { minLength: 1, maxLength: 5 }),
  }),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: tie('leaf'), weight: 5 },
    { arbitrary: tie('map'), weight: 3 },
    {
      arbitrary: fc.record({
        kind: fc.constant('list' as const),
        flow: fc.boolean(),
        items: fc.array(entryOf(fc.oneof(tie('map'), tie('leaf'))), { minLength: 1, maxLength: 3 }),
      }),
      weight: 2,
    },
    { arbitrary: fc.constant<Tree>({ kind: 'alias' }), weight: 1 },
  ),
}))

/** Documents as people leave them: comments, anchors, flow style, CRLF, BOM, quotes, words of YAML 1.1. */
export const untidyFile: fc.Arbitrary<UntidyFile> = fc.record({
  tree: fc
    .array(entryOf(tree), { minLength: 1, maxLength: 5 })
    .map((entries): Tree => ({ kind: 'map', flow: false, anchor: false, merge: false, entries })),
  head: fc.constantFrom(
    '',
    '',
    '---\n',
    '--- # a\n',
    '# head\n\n',
    '%YAML 1.2\n---\n',
    '%YAML 1.1\n---\n',
    'other: 1\n---\n',
    '- [x]\n--- \n',
  ),
  tail: fc.constantFrom(
    '',
    '',
    '# tail\n',
    '...\n',
    '---\nother: &k {z: 1}\nmore: *k\n',
    '--- text\n',
    '\n\n',
  ),
  eol: fc.constantFrom('\n', '\n', '\r\n'),
  bom: fc.boolean(),
  step: fc.constantFrom(1, 2, 2, 4),
})
