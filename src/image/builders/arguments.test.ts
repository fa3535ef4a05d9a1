import { expect, test } from 'vitest'
import { buildArguments } from './buildah.ts'
import type { BuildJob } from './builder.ts'
import { buildxArguments } from './buildx.ts'

const job: BuildJob = {
  context: '/t/ctx',
  dockerfile: '/t/ctx/Dockerfile',
  created: new Date('2025-03-04T10:00:00.700Z'),
  labels: { 'org.opencontainers.image.title': 'a b; $(c)' },
  buildArgs: ['NODE=22'],
  secrets: [],
  platforms: [],
  name: 'localhost/tuesday/api:abc',
  layoutDir: '/t/layout',
  boundMs: 1000,
}

test('buildah: no time, version or name of the machine gets into the image', () => {
  expect(buildArguments(job).join(' ')).toBe(
    'build --isolation chroot --layers --format oci --identity-label=false --timestamp 1741082400 ' +
      '--label org.opencontainers.image.title=a b; $(c) --build-arg NODE=22 --file /t/ctx/Dockerfile --iidfile /t/layout.id /t/ctx',
  )
  // One argument, whatever it holds: there is no shell between.
  expect(buildArguments(job)).toContain('org.opencontainers.image.title=a b; $(c)')
})

test('BuildKit: no attestation in the index, times rewritten', () => {
  expect(buildxArguments({ ...job, platforms: ['linux/amd64', 'linux/arm64'] }).join(' ')).toBe(
    'buildx build --progress plain --provenance false --sbom false --label org.opencontainers.image.title=a b; $(c) ' +
      '--build-arg NODE=22 --platform linux/amd64,linux/arm64 --file /t/ctx/Dockerfile ' +
      '--output type=oci,tar=false,dest=/t/layout,rewrite-timestamp=true /t/ctx',
  )
})

test('several platforms become one manifest list', () => {
  expect(buildArguments({ ...job, platforms: ['linux/amd64', 'linux/arm64'] }).join(' ')).toMatch(
    /--platform linux\/amd64,linux\/arm64 .*--manifest localhost\/tuesday\/api:abc \/t\/ctx$/,
  )
})

test('a secret goes to the builder by the name of its variable, never by its value', () => {
  const secret = { ...job, secrets: [{ id: 'npm', env: 'NPM_TOKEN' }] }
  for (const line of [buildArguments(secret), buildxArguments(secret)])
    expect(line.join(' ')).toContain('--secret id=npm,env=NPM_TOKEN')
})
