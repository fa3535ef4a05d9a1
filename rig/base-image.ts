import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { findProgram } from './build/apt.ts'

/**
 * A base image with Node and npm, made of what this machine has, since none can be pulled: the example's
 * Dockerfile takes it as NODE_IMAGE. It carries the machine's npm settings and certificates, as the example's
 * build installs packages. Answers `host/repository@digest`.
 */
export function pushBaseImage(registryHost: string): string {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'base-image-'))
  try {
    const root = path.join(work, 'root')
    const environment = fillRoot(root)
    const storage = [
      '--root',
      path.join(work, 'storage'),
      '--runroot',
      path.join(work, 'run'),
      '--storage-driver',
      'vfs',
    ]
    const buildah = (...args: string[]) =>
      execFileSync('buildah', [...storage, ...args], {
        encoding: 'utf8',
        stdio: 'pipe',
        timeout: 300_000,
      }).trim()
    const container = buildah('from', 'scratch')
    buildah('copy', '--quiet', container, root, '/')
    buildah('config', ...environment.flatMap((pair) => ['--env', pair]), container)
    buildah('commit', '--quiet', '--timestamp', '0', container, 'node-base')
    const digestFile = path.join(work, 'digest')
    const repository = `${registryHost}/base/node`
    buildah(
      'push',
      '--quiet',
      '--tls-verify=false',
      '--digestfile',
      digestFile,
      'node-base',
      `docker://${repository}:22`,
    )
    return `${repository}@${fs.readFileSync(digestFile, 'utf8').trim()}`
  } finally {
    fs.rmSync(work, { recursive: true, force: true })
  }
}

function fillRoot(root: string): readonly string[] {
  const into = (target: string, source: string) => {
    fs.mkdirSync(path.dirname(path.join(root, target)), { recursive: true })
    fs.cpSync(fs.realpathSync(source), path.join(root, target), { recursive: true })
  }
  into('/usr/local/bin/node', process.execPath)
  for (const library of libraries(process.execPath)) into(library, library)
  into('/usr/local/lib/node_modules/npm', npmFolder())
  fs.symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(root, '/usr/local/bin/npm'))

  into('/bin/busybox', findProgram('busybox') ?? 'busybox')
  const applets = ['sh', 'env', 'find', 'ls', 'cat', 'mkdir', 'rm', 'cp', 'chmod', 'chown', 'id', 'uname']
  for (const applet of applets) fs.symlinkSync('busybox', path.join(root, 'bin', applet))
  fs.mkdirSync(path.join(root, 'usr/bin'), { recursive: true })
  fs.symlinkSync('/bin/busybox', path.join(root, 'usr/bin/env'))
  fs.mkdirSync(path.join(root, 'tmp'), { mode: 0o1777 })
  fs.mkdirSync(path.join(root, 'root'))
  fs.mkdirSync(path.join(root, 'etc'), { recursive: true })
  fs.writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n')

  const registry = execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
  const environment = ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/root', `npm_config_registry=${registry}`]
  const certificates = '/etc/ssl/certs/ca-certificates.crt'
  if (!fs.existsSync(certificates)) return environment
  into(certificates, certificates)
  return [...environment, `NODE_EXTRA_CA_CERTS=${certificates}`, `npm_config_cafile=${certificates}`]
}

/** Full paths of the shared libraries that a program is linked with, the loader among them. */
function libraries(program: string): readonly string[] {
  const listing = execFileSync('ldd', [program], { encoding: 'utf8' })
  return [...listing.matchAll(/(\/\S+) \(0x/g)].flatMap(([, file]) => file ?? [])
}

function npmFolder(): string {
  const npm = findProgram('npm')
  if (npm === undefined) throw new Error('there is no npm on PATH')
  return path.resolve(path.dirname(fs.realpathSync(npm)), '..')
}
