import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseDocument, stringify } from 'yaml'
import { loadConfig } from '../../src/config/index.ts'
import { loadCatalogue, readGatePolicy } from '../../src/contract/index.ts'
import { readPolicy } from '../../src/findings/index.ts'
import { ok } from '../../src/release/index.ts'
import { parseWaivers } from '../../src/schema/index.ts'
import { workflowFaults } from './language-service.ts'

const root = join(import.meta.dirname, '..', '..')

/** What is wrong with an example of a page. Each has to be of a kind that something here can judge. */
export async function exampleFaults(text: string): Promise<readonly string[]> {
  const document = parseDocument(text)
  if (document.errors.length > 0) return document.errors.map(({ message }) => message)
  const value: unknown = document.toJS()
  if (Array.isArray(value)) return await workflowFaults(join(root, 'example.yml'), asWorkflow(text))
  if (typeof value !== 'object' || value === null) return ['neither a list of steps nor a mapping']
  if ('jobs' in value) return await workflowFaults(join(root, 'example.yml'), callingHere(text))
  if ('levels' in value) return reasonOf(readGatePolicy(text, 'contracts.yaml'))
  if (Array.isArray('events' in value ? value.events : undefined)) return await catalogueFaults(text)
  if ('waivers' in value) return reasonOf(parseWaivers(text, 'waivers.yaml'))
  if ('fail' in value || 'suppressions' in value) return reasonOf(readPolicy(text, 'findings.yaml'))
  if ('service' in value) return reasonOf(loadConfig(text, 'tuesday.yaml'))
  return reasonOf(loadConfig(stringify(merged(exampleConfig(), value)), 'tuesday.yaml'))
}

function reasonOf(
  result: { readonly ok: true } | { readonly ok: false; readonly fault: { readonly cause: string } },
): readonly string[] {
  return result.ok ? [] : [result.fault.cause]
}

/** The schemas that it names are not there, and not what is asked about. */
async function catalogueFaults(text: string): Promise<readonly string[]> {
  const file = 'catalogue.yaml'
  const read = async (path: string) => ok(path === file ? text : '{}')
  return reasonOf(await loadCatalogue(file, { read }))
}

/** Steps as the one job of a workflow. */
function asWorkflow(steps: string): string {
  const indented = steps.replace(/^(?=.)/gm, '      ')
  return `on: push\npermissions: {}\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n${indented}`
}

function callingHere(text: string): string {
  return text.replace(/uses: tuesday-release\/tuesday\/(\.github\/workflows\/\S+)@v1/g, 'uses: ./$1')
}

/** A page shows only the part of tuesday.yaml that it speaks of: the example's file is the rest. */
function exampleConfig(): unknown {
  return parse(readFileSync(join(root, 'examples/delivery-service/tuesday.yaml'), 'utf8'))
}

function merged(base: unknown, part: unknown): unknown {
  if (!isMapping(base) || !isMapping(part)) return part
  const keys = [...new Set([...Object.keys(base), ...Object.keys(part)])]
  return Object.fromEntries(keys.map((key) => [key, key in part ? merged(base[key], part[key]) : base[key]]))
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
