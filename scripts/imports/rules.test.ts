import { expect, test } from 'vitest'
import { readSource } from './read.ts'
import { faultsOf } from './rules.ts'

const packages = { dependencies: ['yaml', 'pg', '@actions/core'] }
const check = (files: Record<string, string>) =>
  faultsOf(
    Object.entries(files).map(([path, text]) => readSource(path, text)),
    packages,
  )

test.each([
  ['a door of another folder', 'src/train/a.ts', "import { x } from '../ledger/index.ts'"],
  ['a neighbour', 'src/train/a.ts', "import { x } from './b.ts'"],
  ['the vocabulary', 'src/config/a.ts', "import { x } from '../release/index.ts'"],
  ['types of config in calendar', 'src/calendar/a.ts', "import type { W } from '../config/index.ts'"],
  ['a dependency', 'src/config/a.ts', "import { parse } from 'yaml'"],
  ['a heavy package in its own module', 'src/migrate/pg.heavy.ts', "import pg from 'pg'"],
  ['only the types of a heavy package', 'src/migrate/a.ts', "import type { Pool } from 'pg'"],
  ['a heavy module on demand', 'src/migrate/a.ts', "const x = await import('./pg.heavy.ts')"],
  ['the types of a heavy module', 'src/migrate/a.ts', "let x: typeof import('./pg.heavy.ts')"],
  ['the runtime in an entry', 'actions/x/main.ts', "import { runAction } from '../../src/action/index.ts'"],
  ['a domain on demand in an entry', 'actions/x/main.ts', "await import('../../src/train/index.ts')"],
  ['types of a domain in an entry', 'actions/x/main.ts', "import type { A } from '../../src/train/index.ts'"],
  ['the system in an entry', 'scripts/a.ts', "import { systemClock } from '../src/system/index.ts'"],
  ['the system in a test', 'src/train/a.test.ts', "import { systemClock } from '../system/index.ts'"],
  ['a stand-in in a test', 'src/train/a.test.ts', "import { x } from '../../testkit/github/index.ts'"],
  ['the model of a test in a bench', 'bench/a.ts', "import { x } from '../src/train/testing/model.ts'"],
  ['the clock in the system', 'src/system/clock.ts', 'export const now = () => new Date()'],
  ['a date that was given', 'src/train/a.ts', 'export const at = new Date(text)'],
  [
    'words in comments and strings',
    'src/train/a.ts',
    "// process.env\n/* Date.now() */\nconst a = 'process.env'",
  ],
  ['an import in a comment', 'src/train/a.ts', "/**\n * import x from '../system/index.ts'\n */"],
])('allows %s', (_, path, text) => {
  expect(check({ [path]: text })).toEqual([])
})

test.each([
  ['a way past a door', 'src/train/a.ts', "import { x } from '../ledger/events.ts'", /past the door/],
  [
    'a way past a door for types',
    'src/train/a.ts',
    "import type { X } from '../ledger/events.ts'",
    /past the door/,
  ],
  ['a lazy way past a door', 'testkit/a.ts', "await import('../src/ledger/events.ts')", /past the door/],
  ['a re-export past a door', 'src/train/a.ts', "export * from '../ledger/events.ts'", /past the door/],
  [
    'anything in the vocabulary',
    'src/release/a.ts',
    "import { x } from '../config/index.ts'",
    /imports nothing of ours/,
  ],
  ['a domain in config', 'src/config/a.ts', "import { x } from '../train/index.ts'", /imports only release/],
  [
    'a domain in calendar',
    'src/calendar/a.ts',
    "import { x } from '../config/index.ts'",
    /imports only release/,
  ],
  ['the runtime in a domain', 'src/train/a.ts', "import { x } from '../action/index.ts'", /only actions/],
  ['the system in a domain', 'src/train/a.ts', "import { x } from '../system/index.ts'", /as parameters/],
  [
    'a stand-in in a domain',
    'src/train/a.ts',
    "import { x } from '../../testkit/github/index.ts'",
    /nothing outside/,
  ],
  ['another action', 'actions/x/main.ts', "import { x } from '../y/action.ts'", /stands in src/],
  [
    'a domain at once in an entry',
    'actions/x/main.ts',
    "import { x } from '../../src/train/index.ts'",
    /after the inputs/,
  ],
  ['a file outside', 'src/train/a.ts', "import x from '../../../shared/x.ts'", /outside of the repository/],
  [
    'a package that is not a dependency',
    'src/train/a.ts',
    "import x from 'lodash'",
    /not one of the dependencies/,
  ],
  ['a development package', 'src/train/a.ts', "import { test } from 'vitest'", /not one of the dependencies/],
  ['@actions/core elsewhere', 'src/train/a.ts', "import * as core from '@actions/core'", /only src\/action/],
  ['a heavy package in the open', 'src/migrate/a.ts', "import pg from 'pg'", /named \*\.heavy\.ts/],
  ['a heavy module at once', 'src/migrate/a.ts', "import { x } from './pg.heavy.ts'", /await import/],
  [
    'a mixed import of a heavy module',
    'src/migrate/a.ts',
    "import { type A, x } from './pg.heavy.ts'",
    /await import/,
  ],
  ['the environment', 'src/train/a.ts', 'const a = process.env.A', /reads `process`/],
  ['the environment by key', 'src/train/a.ts', "const a = process['env']", /reads `process`/],
  ['the clock', 'src/train/a.ts', 'const a = Date.now()', /reads the clock/],
  ['the clock by a date', 'src/train/a.ts', 'const a = new Date()', /reads the clock/],
  ['the network of the platform', 'src/train/a.ts', 'globalThis.fetch(url)', /globalThis/],
  ['a program of its own', 'src/train/a.ts', "import { spawn } from 'node:child_process'", /Exec/],
  ['node:process', 'src/train/a.ts', "import { env } from 'node:process'", /reads the process/],
])('refuses %s', (_, path, text, why) => {
  const faults = check({ [path]: text })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(why)
  expect(faults[0]).toMatch(new RegExp(`^${path}: `))
})

test('an import over several lines is seen', () => {
  const text = "import {\n  a,\n  type B,\n} from '../ledger/events.ts'\nexport const c = a"
  expect(check({ 'src/train/a.ts': text })).toHaveLength(1)
})

test('folders that import each other in a circle are named, types do not count', () => {
  const circle = {
    'src/train/a.ts': "import { x } from '../ledger/index.ts'",
    'src/ledger/a.ts': "import { x } from '../gitops/index.ts'",
    'src/gitops/a.ts': "import { x } from '../train/index.ts'",
    'src/canary/a.ts': "import { x } from '../train/index.ts'",
  }
  expect(check(circle)).toEqual(['src: gitops, ledger, train import each other in a circle'])
  expect(check({ ...circle, 'src/gitops/a.ts': "import type { X } from '../train/index.ts'" })).toEqual([])
})
