import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { attachRig } from './index.ts'

const rig = attachRig(inject('rig'))
const namespace = 'rig-argocd'
const pin = `/api/v1/namespaces/${namespace}/configmaps/pin`
const [first, second] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`]

beforeAll(() => rig.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))
afterAll(() => rig.kube.delete(`/api/v1/namespaces/${namespace}`))

describe('Argo CD with real Helm', () => {
  it('syncs a chart that was pushed over HTTP, follows a pin, and undoes drift', async () => {
    const remote = await rig.gitRemote('smoke/gitops')
    const work = fs.mkdtempSync(path.join(os.tmpdir(), 'rig-smoke-'))
    try {
      git(work, 'clone', '--quiet', remote.httpUrl, '.')
      write(work, 'env/Chart.yaml', 'apiVersion: v2\nname: smoke\nversion: 0.1.0\n')
      write(
        work,
        'env/templates/pin.yaml',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pin}\ndata: {digest: {{ .Values.digest | quote }}}\n',
      )
      write(work, 'env/values.yaml', 'digest: none\n')
      write(work, 'env/pins.yaml', `digest: ${first}\n`)
      push(work)
      const valueFiles = ['values.yaml', 'pins.yaml']
      await rig.application({ name: 'smoke', namespace, repoUrl: remote.fileUrl, path: 'env', valueFiles })
      await pinned(first)

      write(work, 'env/pins.yaml', `digest: ${second}\n`)
      push(work)
      await rig.refresh('smoke')
      await pinned(second)

      const drifted = await rig.kube.patch(pin, { data: { digest: 'drift' } })
      expect(drifted.data).toEqual({ digest: 'drift' })
      await pinned(second)
    } finally {
      fs.rmSync(work, { recursive: true })
      await rig.kube.delete(`/apis/argoproj.io/v1alpha1/namespaces/${rig.argocdNamespace}/applications/smoke`)
    }
  })
})

async function pinned(digest: string): Promise<void> {
  await rig.waitFor(`ConfigMap pin to say ${digest}`, 60, async () => {
    const object = await rig.kube.get(pin)
    return (object?.data as { digest?: string } | undefined)?.digest === digest ? true : undefined
  })
}

function git(cwd: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=rig', '-c', 'user.email=rig@localhost']
  execFileSync('git', [...identity, ...args], { cwd, stdio: 'pipe' })
}

function write(dir: string, name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
  fs.writeFileSync(path.join(dir, name), text)
}

function push(dir: string): void {
  git(dir, 'add', '.')
  git(dir, 'commit', '--quiet', '-m', 'change')
  git(dir, 'push', '--quiet', 'origin', 'HEAD:main')
}
