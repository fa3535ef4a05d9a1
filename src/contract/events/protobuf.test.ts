import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { spawnExec } from '../../system/index.ts'
import { missingFile } from '../faults.ts'
import type { FileReader } from '../files.ts'
import { compareProtobuf, loadProtobuf, type ProtoFiles, readBuf } from './protobuf.ts'

const temp = mkdtempSync(join(tmpdir(), 'proto-'))
afterAll(() => rmSync(temp, { recursive: true, force: true }))
const tools = (path: string) => ({
  exec: spawnExec,
  env: { PATH: path },
  signal: new AbortController().signal,
  temp,
})

const readerOf = (files: Readonly<Record<string, string>>): FileReader => ({
  read: async (path) => {
    const value = files[path]
    return value === undefined ? { ok: false, fault: missingFile(path) } : { ok: true, value }
  },
})
const header = 'syntax = "proto3";\npackage orders.v1;\n'
const before = `${header}message Order {\n  string id = 1;\n  int32 total = 2;\n}\nmessage Gone {}\n`
const after = `${header}message Order {\n  int64 id = 1;\n}\n`
const files = (text: string): ProtoFiles => ({
  path: 'proto/orders/o.proto',
  files: new Map([['proto/orders/o.proto', text]]),
})

/** What buf 1.75.0 printed for these two, and for a file that does not compile. */
const printed = [
  '{"path":"o.proto","start_line":1,"start_column":1,"end_line":1,"end_column":1,"type":"MESSAGE_NO_DELETE","message":"Previously present message \\"Gone\\" was deleted from file."}',
  '{"path":"o.proto","start_line":3,"start_column":1,"end_line":5,"end_column":2,"type":"FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED","message":"Previously present field \\"2\\" with name \\"total\\" on message \\"Order\\" was deleted without reserving the number \\"2\\"."}',
  '{"path":"o.proto","start_line":4,"start_column":3,"end_line":4,"end_column":8,"type":"FIELD_WIRE_JSON_COMPATIBLE_TYPE","message":"Field \\"1\\" with name \\"id\\" on message \\"Order\\" changed type from \\"string\\" to \\"int64\\"."}',
]
const broken =
  '{"path":"o.proto","start_line":1,"start_column":20,"end_line":2,"end_column":1,"type":"COMPILE","message":"missing name after `message`"}'
const read = (code: number, stdout: string, stderr = '') =>
  readBuf({ code, stdout, stderr }, 'proto/orders/o.proto', 'proto/orders', {})

describe('an answer of buf', () => {
  it('is findings with file and line', () => {
    const answer = read(100, printed.join('\n'))
    expect(answer.ok && answer.value.findings).toMatchObject([
      {
        id: 'event-protobuf-message-no-delete',
        level: 'error',
        revision: { file: 'proto/orders/o.proto', line: 1 },
      },
      { id: 'event-protobuf-field-no-delete-unless-number-reserved', revision: { line: 3 } },
      { id: 'event-protobuf-field-wire-json-compatible-type', revision: { line: 4 } },
    ])
    expect(read(0, '')).toMatchObject({ ok: true, value: { findings: [] } })
  })

  it.each([
    ['a file that does not compile, which also exits 100', 100, broken, 'contract-unreadable'],
    ['100 without a finding', 100, '', 'contract-tool-missing'],
    ['0 with a finding', 0, printed[0] ?? '', 'contract-tool-missing'],
    ['a failure', 1, '', 'contract-tool-missing'],
    ['a line that is no JSON', 100, 'oops', 'contract-tool-missing'],
    ['a line of another form', 100, '{"id":1}', 'contract-tool-missing'],
  ])('%s is no pass', (_, code, stdout, reason) => {
    expect(read(code, stdout, 'Failure')).toMatchObject({ ok: false, fault: { reason } })
  })
})

describe('Protobuf', () => {
  it('is not compared without buf, which is no pass', async () => {
    const answer = await compareProtobuf(files(before), files(before), {}, tools('/nowhere'))
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'contract-tool-missing' } })
  })

  it('is read with what it imports, from the nearest folder that has it', async () => {
    const all = {
      'proto/orders/o.proto': `${header}import "common/money.proto";\nimport "google/protobuf/timestamp.proto";\n`,
      'proto/common/money.proto': 'syntax = "proto3";\nimport public "common/money.proto";\n',
    }
    const loaded = await loadProtobuf('proto/orders/o.proto', readerOf(all))
    expect(loaded.ok && [...loaded.value.files.keys()]).toEqual(Object.keys(all))
    expect(await loadProtobuf('o.proto', readerOf({ 'o.proto': 'import "gone.proto";' }))).toMatchObject({
      ok: false,
      fault: { reason: 'contract-missing' },
    })
    expect(await loadProtobuf('o.proto', readerOf({ 'o.proto': 'import "../../etc/x";' }))).toMatchObject({
      ok: false,
    })
  })

  // The program is no dependency of ours: where it is installed, the table is asked of it.
  describe.skipIf(!hasBuf())('by the buf that is installed', () => {
    it.each([
      ['nothing changed', before, before, 0],
      ['fields retyped and removed', before, after, 3],
      ['a field comes', after, after.replace('}', '  string note = 3;\n}'), 0],
      [
        'a field goes with its number and name reserved',
        before,
        before.replace('int32 total = 2;', 'reserved 2; reserved "total";'),
        0,
      ],
    ])('%s', async (_, from, to, least) => {
      const answer = await compareProtobuf(files(from), files(to), {}, tools(process.env.PATH ?? ''))
      if (!answer.ok) throw new Error(answer.fault.cause)
      if (least === 0) expect(answer.value.findings).toEqual([])
      else expect(answer.value.counts.error).toBeGreaterThanOrEqual(least)
    })

    it('a file that does not compile is refused', async () => {
      const answer = await compareProtobuf(
        files(before),
        files('syntax = "proto3"; message {'),
        {},
        tools(process.env.PATH ?? ''),
      )
      expect(answer).toMatchObject({ ok: false, fault: { reason: 'contract-unreadable' } })
    })
  })
})

function hasBuf(): boolean {
  try {
    execFileSync('buf', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
