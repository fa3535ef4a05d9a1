import { Ajv } from 'ajv'
import ajvFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { configJsonSchema, loadConfig } from './index.ts'
import { edited, sample } from './sample.fixture.ts'

function editorAccepts(text: string): boolean {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false })
  ajvFormats.default(ajv)
  return ajv.compile(configJsonSchema())(parse(text, { stringKeys: true }))
}

test('editors accept what the loader accepts', () => {
  expect(editorAccepts(sample)).toBe(true)
})

test.each([
  ['a misspelt key', edited('foldr', 'foldr', sample.replace('folder', 'foldr'))],
  ['a missing key', edited('service: orders\n', '')],
  ['a duration without a unit', edited('5: 30m', '5: 30')],
  ['a weight over 100', edited('100: 1h', '101: 1h')],
  ['a misspelt kind', edited('kind: Rollout', 'kind: rollot')],
  ['a path out of the repository', edited('folder: migrations', 'folder: a/../../b')],
  ['a folder with a slash at the end', edited('folder: migrations', 'folder: a/')],
  ['another protocol', edited('"http://prometheus:9090/"', 'ftp://prometheus')],
])('editors mark %s, and the loader refuses it', (_name, text) => {
  expect(editorAccepts(text)).toBe(false)
  expect(loadConfig(text, 't.yaml').ok).toBe(false)
})

test('every key is described', () => {
  const bare: string[] = []
  const visit = (schema: unknown, place: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null) {
      for (const [name, child] of Object.entries(schema.properties)) {
        if (!('description' in child)) bare.push(`${place}.${name}`)
        visit(child, `${place}.${name}`)
      }
    }
    if ('items' in schema) visit(schema.items, `${place}[]`)
    if ('additionalProperties' in schema) visit(schema.additionalProperties, `${place}.*`)
  }
  visit(configJsonSchema(), '')
  expect(bare).toEqual([])
})
