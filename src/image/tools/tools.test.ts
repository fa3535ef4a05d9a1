import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../../testkit/http/index.ts'
import { spawnExec } from '../../system/index.ts'
import { fetchPinned } from './cache.heavy.ts'
import { findTool } from './find.ts'
import type { ToolPin } from './pins.ts'

const program = '#!/bin/sh\necho a tool of version 9\n'
let temp: string
let server: RunningServer
let asked: number
const files = new Map<string, Buffer>()

beforeAll(async () => {
  temp = mkdtempSync(path.join(tmpdir(), 'tuesday-tools-'))
  // As the runner sets them; the library reads them by itself.
  process.env.RUNNER_TEMP = path.join(temp, 'temp')
  process.env.RUNNER_TOOL_CACHE = path.join(temp, 'cache')
  const folder = path.join(temp, 'in')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'syft'), program, { mode: 0o755 })
  execFileSync('tar', ['-czf', path.join(temp, 'syft.tar.gz'), '-C', folder, 'syft'])
  files.set('/syft.tar.gz', readFileSync(path.join(temp, 'syft.tar.gz')))
  files.set('/cosign', Buffer.from(program))
  asked = 0
  server = await startServer({
    handle: ({ path: name }) => {
      asked += 1
      const body = files.get(name)
      return body === undefined ? { status: 404, body: {} } : { status: 200, body }
    },
    onDefect: (error) => ({ status: 500, body: { error: String(error) } }),
  })
})
afterAll(async () => {
  await server.close()
  rmSync(temp, { recursive: true })
})

const pin = (name: ToolPin['name'], file: string, changes: Partial<ToolPin> = {}): ToolPin => ({
  name,
  version: '9.0.0',
  url: `${server.url}${file}`,
  sha256: createHash('sha256')
    .update(files.get(file) ?? '')
    .digest('hex'),
  form: file.endsWith('.gz') ? 'tar.gz' : 'program',
  ...changes,
})

test.each([
  ['cosign', '/cosign'],
  ['syft', '/syft.tar.gz'],
] as const)('%s is fetched once, checked, and runs', async (name, file) => {
  const first = await fetchPinned(pin(name, file))
  if (!first.ok) throw new Error(first.fault.cause)
  expect(execFileSync(first.value, { encoding: 'utf8' })).toBe('a tool of version 9\n')
  const before = asked
  expect(await fetchPinned(pin(name, file))).toEqual(first)
  expect(asked).toBe(before)
})

test('a file that was exchanged is not kept, and not run', async () => {
  const wrong = pin('cosign', '/cosign', { sha256: 'f'.repeat(64), version: '9.0.1' })
  for (let run = 0; run < 2; run += 1) {
    expect(await fetchPinned(wrong)).toMatchObject({
      ok: false,
      fault: { blame: 'user', reason: 'tool-checksum', cause: expect.stringMatching(/it was not run/) },
    })
  }
})

test('a file that is not there is the fault of the world', async () => {
  expect(await fetchPinned(pin('cosign', '/none', { version: '9.0.2' }))).toMatchObject({
    ok: false,
    fault: { blame: 'world', reason: 'tool-unreachable', next: expect.stringMatching(/Install cosign/) },
  })
})

const logger = {
  debug: () => {},
  info: () => {},
  notice: () => {},
  warn: () => {},
  group: <T>(_: string, body: () => Promise<T>) => body(),
}

test('the tool of the runner comes first; a machine without a pin is told to install it', async () => {
  const bin = path.join(temp, 'in')
  const programs = { exec: spawnExec, env: { PATH: bin }, signal: new AbortController().signal }
  const fetch = () => Promise.reject(new Error('fetched'))
  expect(await findTool('syft', programs, { fetch, machine: 'linux/x64' }, logger)).toEqual({
    ok: true,
    value: 'syft',
  })
  const none = { ...programs, env: { PATH: temp } }
  expect(await findTool('syft', none, { fetch, machine: 'linux/s390x' }, logger)).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'tool-missing' },
  })
  const seen: ToolPin[] = []
  const fetching = async (wanted: ToolPin) => {
    seen.push(wanted)
    return { ok: true as const, value: '/cache/cosign' }
  }
  expect(await findTool('cosign', none, { fetch: fetching, machine: 'linux/arm64' }, logger)).toEqual({
    ok: true,
    value: '/cache/cosign',
  })
  expect(seen).toMatchObject([{ name: 'cosign', url: expect.stringMatching(/^https:.*arm64$/) }])
})
