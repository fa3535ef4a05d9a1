import { expect, test } from 'vitest'
import { cacheHits } from './cache-hits.ts'
import { compareImages } from './compare.ts'
import { readPackages } from './describe.ts'
import { digestOf } from './digest.ts'

const image = (size: number, base?: string) => ({
  platforms: [
    {
      platform: 'linux/amd64',
      layers: [{ digest: digestOf(String(size)), mediaType: 'x', size }],
      config: { user: '', env: [], labels: {}, history: [] },
    },
  ],
  ...(base && { base }),
})

test('base, size and packages that changed', () => {
  const live = {
    image: image(100, 'node:22@sha256:a'),
    packages: new Map(Object.entries({ zod: '1', pg: '8', old: '1' })),
  }
  const fresh = {
    image: image(150, 'node:24@sha256:b'),
    packages: new Map(Object.entries({ zod: '2', pg: '8', new: '1' })),
  }
  expect(compareImages(live, fresh)).toEqual({
    base: { before: 'node:22@sha256:a', after: 'node:24@sha256:b' },
    bytes: { before: 100, after: 150 },
    packages: [
      { name: 'new', after: '1' },
      { name: 'old', before: '1' },
      { name: 'zod', before: '1', after: '2' },
    ],
  })
  expect(compareImages({ ...live, packages: undefined }, fresh)).not.toHaveProperty('packages')
  expect(compareImages(live, live)).toEqual({ bytes: { before: 100, after: 100 }, packages: [] })
})

test('packages of an SPDX document: several versions of one are one line, and the image is none', () => {
  const document = {
    packages: [
      { name: 'zod', versionInfo: '4' },
      { name: 'zod', versionInfo: '3' },
      { name: 'no-version' },
      { name: 'app', versionInfo: 'sha256:1', primaryPackagePurpose: 'CONTAINER' },
    ],
  }
  expect([...readPackages(Buffer.from(JSON.stringify(document)))]).toEqual([['zod', '3, 4']])
  expect(readPackages(Buffer.from('no JSON')).size).toBe(0)
})

test.each([
  [
    'BuildKit',
    [
      '#5 [build 1/3] FROM x',
      '#5 CACHED',
      '#6 [build 2/3] COPY . .',
      '#6 CACHED',
      '#7 [build 3/3] RUN a',
      '#7 DONE 1s',
      '#1 CACHED',
    ],
    { hits: 2, steps: 3 },
  ],
  [
    'buildah',
    ['STEP 1/3: FROM x', 'STEP 2/3: COPY . .', '--> Using cache 3f2a', '[2/2] STEP 3/3: RUN a', '--> 8fe2'],
    { hits: 1, steps: 2 },
  ],
  ['nothing', [], { hits: 0, steps: 0 }],
])('steps from the cache of %s', (_, lines, hits) => {
  expect(cacheHits(lines)).toEqual(hits)
})
