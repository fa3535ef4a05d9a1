import type { Repository } from '../../../testkit/findings/index.ts'
import { spawnExec } from '../../system/index.ts'
import { type CheckRequest, checkContracts } from './check.ts'
import { parseContractLines } from './specs.ts'

export const contract = 'api/openapi.yaml'

/** A description of one operation, its answer an object of these properties. */
export function openapi(properties: Readonly<Record<string, string>>, version = '1.0.0'): string {
  const lines = Object.entries(properties).map(
    ([name, type]) => `                  ${name}: { type: ${type} }`,
  )
  return `openapi: 3.1.0
info: { title: orders, version: ${version} }
paths:
  /orders:
    get:
      responses:
        '200':
          description: all of them
          content:
            application/json:
              schema:
                type: object
                required: [${Object.keys(properties).join(', ')}]
                properties:
${lines.join('\n')}
`
}

export const today = new Date('2026-11-21T12:00:00Z')

export function check(
  repository: Repository,
  request: Partial<CheckRequest> = {},
  lines = [`openapi ${contract}`],
) {
  const { PATH = '' } = process.env
  const contracts = parseContractLines(lines)
  if (!contracts.ok) throw new Error(contracts.why)
  return checkContracts(
    {
      exec: spawnExec,
      env: { PATH, HOME: repository.temp },
      signal: new AbortController().signal,
      folder: repository.folder,
    },
    {
      contracts: contracts.value,
      allowNew: false,
      policyFile: 'contracts.yaml',
      policyFromHead: false,
      today,
      temp: repository.temp,
      ...request,
    },
  )
}
