import { expect, test } from 'vitest'
import { parseContractLines } from './specs.ts'

test('a line names a kind and a file', () => {
  expect(parseContractLines(['openapi ./api/openapi.yaml', '', ' openapi b.json  was=a.json '])).toEqual({
    ok: true,
    value: [
      { kind: 'openapi', path: 'api/openapi.yaml' },
      { kind: 'openapi', path: 'b.json', was: 'a.json' },
    ],
  })
})

test.each([
  ['openap api.yaml', /did you mean openapi/],
  ['openapi', /names no file/],
  ['openapi /etc/passwd', /leads out of the repository/],
  ['openapi ../api.yaml', /leads out of the repository/],
  ['openapi a\\..\\..\\api.yaml', /leads out of the repository/],
  ['openapi api/', /leads out of the repository/],
  ['openapi a.yaml was=', /is not was=PATH/],
  ['openapi a.yaml was=../b.yaml', /leads out of the repository/],
  ['openapi a.yaml from=b.yaml', /is not was=PATH/],
])('%s is refused', (line, why) => {
  const parsed = parseContractLines([line])
  expect(parsed.ok).toBe(false)
  if (!parsed.ok) expect(parsed.why).toMatch(why)
})

test('a file is named once', () => {
  expect(parseContractLines(['openapi a.yaml', 'openapi ./a.yaml'])).toMatchObject({ ok: false })
})
