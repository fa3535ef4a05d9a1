import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exampleFaults } from './examples.ts'
import { readMarkdown, slug } from './markdown.ts'

const root = join(import.meta.dirname, '..', '..')
const files = globSync('{*.md,docs/**/*.md,actions/*/README.md,rig/**/*.md,examples/**/*.md}', {
  cwd: root,
  exclude: ['**/node_modules'],
}).sort()
const pages = new Map(files.map((file) => [file, readMarkdown(readFileSync(join(root, file), 'utf8'))]))

describe.each(files)('%s', (file) => {
  const page = pages.get(file)

  test('points only at what is there', () => {
    const broken = (page?.links ?? []).flatMap(({ line, target }) => {
      if (/^[a-z]+:/.test(target)) return []
      const [path = '', anchor] = target.split('#')
      const to = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(join(root, to))) return [`${line}: ${target} is not there`]
      if (anchor === undefined || !to.endsWith('.md')) return []
      const anchors = (pages.get(to) ?? readMarkdown(readFileSync(join(root, to), 'utf8'))).anchors
      return anchors.has(anchor) ? [] : [`${line}: ${to} has no heading ${anchor}`]
    })
    expect(broken).toEqual([])
  })

  const fences = page?.fences ?? []
  test.skipIf(fences.length === 0)('shows examples that hold', async () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const faults: string[] = []
    for (const { line, language, text } of fences) {
      if (language === 'yaml') faults.push(...(await exampleFaults(text)).map((says) => `${line}: ${says}`))
      if (language === 'json') JSON.parse(text)
      // The example service has scripts of its own.
      if (language === 'sh' && !file.startsWith('examples/')) {
        for (const [, name = ''] of text.matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g))
          if (!(name in scripts)) faults.push(`${line}: npm run ${name} is not there`)
      }
    }
    expect(faults).toEqual([])
  })
})

test.each([
  ['How a canary is judged', 'how-a-canary-is-judged'],
  ['The policy: `findings.yaml`', 'the-policy-findingsyaml'],
  ['Go back — now', 'go-back--now'],
])('the anchor of %s is %s', (heading, anchor) => expect(slug(heading)).toBe(anchor))

test.each([
  ['- uses: tuesday-release/tuesday/actions/migrate@v1\n  with: { mood: lint }\n', /mood/],
  ['environments:\n  prod-eu: { timezone: Europe/Atlantis }\n', /prod-eu\.timezone/],
  ['version: 1\nwaivers:\n  - file: a.sql\n', /./],
  ['a: [1\n', /./],
])('an example that does not hold is found: %j', async (text, says) => {
  expect((await exampleFaults(text)).join('\n')).toMatch(says)
})
