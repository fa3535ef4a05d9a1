import { isAlias, isMap, isScalar, type YAMLMap } from 'yaml'
import {
  type CommitSha,
  type Digest,
  err,
  type Fault,
  ok,
  parseCommitSha,
  parseDigest,
  type Result,
} from '../release/index.ts'
import { imageAutomation, undone } from './automation.ts'
import { insertWorkload, plainKey } from './insert.ts'
import { parseYaml } from './prove.ts'
import { spliceScalar } from './splice.ts'
import type { YamlPath } from './yaml-path.ts'

/** What one environment is pinned to: chart and values of a commit, and an image digest per workload. */
export interface Pins {
  readonly configSha: CommitSha
  readonly digests: ReadonlyMap<string, Digest>
}

export interface PinChanges {
  readonly configSha?: CommitSha
  readonly digests?: ReadonlyMap<string, Digest>
}

const configShaPath: YamlPath = ['release', 'configSha']

function digestPath(workload: string): YamlPath {
  return ['workloads', workload, 'image', 'digest']
}

/**
 * Reads a pins file. Every workload below `workloads` has to carry a whole digest, and the commit has to be
 * whole: a pin that cannot be read is no pin, and an older reader must not take it for another.
 */
export function readPins(text: string, file = 'pins.yaml'): Result<Pins> {
  const docs = parseYaml(text.replace(/^\ufeff/, ''), '1.2')
  const error = docs.flatMap((doc) => doc.errors)[0]
  if (error !== undefined) return err(invalid(file, error.message.split('\n')[0] ?? error.code))
  const [doc, second] = docs
  if (doc === undefined || second !== undefined) return err(invalid(file, 'it is not one YAML document'))

  const configSha = parseCommitSha(textAt(doc.contents, configShaPath))
  if (configSha === undefined) return err(invalid(file, 'release.configSha is no commit of 40 hex digits'))
  const workloads = child(doc.contents, 'workloads')
  if (!isMap(workloads)) return err(invalid(file, 'it has no map of workloads'))
  const digests = new Map<string, Digest>()
  for (const { key } of (workloads as YAMLMap<unknown>).items) {
    const name = isScalar(key) && typeof key.value === 'string' ? key.value : undefined
    const digest = name === undefined ? undefined : parseDigest(textAt(doc.contents, digestPath(name)))
    if (name === undefined || digest === undefined) {
      return err(invalid(file, `workloads.${name ?? String(key)}.image.digest is no sha256 digest`))
    }
    digests.set(name, digest)
  }
  return ok({ configSha, digests })
}

/**
 * The text of the pins file with the changes in it, one splice per value that differs; the same text when none
 * does. A workload that was added to tuesday.yaml since gets lines of its own at the end. A file that image
 * automation writes too is refused.
 */
export function writePins(text: string, changes: PinChanges, file = 'pins.yaml'): Result<string> {
  const pins = readPins(text, file)
  if (!pins.ok) return pins
  const [other, ...others] = imageAutomation(new Map([[file, text]]))
  if (other !== undefined) return err(undone([other, ...others]))
  const edits: [YamlPath, string][] = []
  const added: [string, Digest][] = []
  const { configSha, digests = new Map<string, Digest>() } = changes
  if (configSha !== undefined && configSha !== pins.value.configSha) edits.push([configShaPath, configSha])
  for (const [workload, digest] of digests) {
    const before = pins.value.digests.get(workload)
    if (before === undefined) added.push([workload, digest])
    else if (digest !== before) edits.push([digestPath(workload), digest])
  }
  let edited = text
  for (const [path, value] of edits) {
    const spliced = spliceScalar(edited, path, value, { file })
    if (!spliced.ok) return spliced
    edited = spliced.value.text
  }
  for (const [workload, digest] of added) {
    const inserted = insertWorkload(edited, workload, digest, file)
    if (!inserted.ok) return inserted
    edited = inserted.value
  }
  return ok(edited)
}

/** The pins file of an environment that has none yet. */
export function initialPins({ configSha, digests }: Pins): string {
  const workloads = [...digests].map(
    ([name, digest]) =>
      `  ${plainKey.test(name) ? name : JSON.stringify(name)}:\n    image:\n      digest: "${digest}"\n`,
  )
  return `${header}release:\n  configSha: "${configSha}"\nworkloads:${workloads.length === 0 ? ' {}\n' : `\n${workloads.join('')}`}`
}

const header = `# Written by the release train, one value at a time. To change what runs here, use region-rollout or
# rollback: a pin that someone else changed stops the train until it is adopted.
`

function child(node: unknown, key: string): unknown {
  return isMap(node) ? node.get(key, true) : undefined
}

/** The text of a scalar, '' for anything else. A number is none: 40 digits without a letter would lose some. */
function textAt(root: unknown, path: YamlPath): string {
  let node: unknown = root
  for (const step of path) node = typeof step === 'string' ? child(node, step) : undefined
  return !isAlias(node) && isScalar(node) && typeof node.value === 'string' ? node.value : ''
}

function invalid(file: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'pins-invalid',
    cause: `${file} is no pins file: ${why}.`,
    likely: 'It was edited or merged by hand.',
    next: 'Restore the last version that the train wrote (git log of the file), then run again; nothing was written.',
    at: { file },
  }
}
