import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseReportLines } from '../src/findings/index.ts'
import { fromHere, inFull, workflowFaults } from './docs/language-service.ts'

const root = join(import.meta.dirname, '..')

const callers = globSync(
  'examples/delivery-service/.github/workflows/{pull-request,release,hotfix,approve,train,rollback}.yml',
  {
    cwd: root,
  },
)

const files = globSync('.github/workflows/*.yml', { cwd: root }).sort()

describe('the reusable workflows', () => {
  test('are there', () => expect(files.map((file) => file.split('/').at(-1))).toContain('train.yml'))

  test.each(files)('%s is what GitHub understands', async (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const found = [
      ...(await workflowFaults(join(root, file), text)),
      ...(await workflowFaults(join(root, file), inFull(text))),
    ]
    expect(found).toEqual([])
  })

  test.each(callers)('%s calls with inputs and secrets that the workflow has', async (file) => {
    const text = fromHere(readFileSync(join(root, file), 'utf8'))
    expect(await workflowFaults(join(root, file), text)).toEqual([])
    const wrong = text.replace('config: tuesday.yaml', 'confg: tuesday.yaml')
    expect((await workflowFaults(join(root, file), wrong)).join('\n')).toContain('confg')
  })

  const gates = '.github/workflows/pull-request.yml'

  test('the scanners of a pull request have no secret, pinned versions, and reports that sast-gate takes', () => {
    const text = readFileSync(join(root, gates), 'utf8')
    const workflow = parse(text) as {
      permissions: unknown
      jobs: Record<
        string,
        { permissions: unknown; steps: { run?: string; uses?: string; with?: { reports?: string } }[] }
      >
    }
    expect(workflow.permissions).toEqual({})
    expect(text).not.toContain('secrets.')
    const steps = workflow.jobs.findings?.steps ?? []
    for (const { run = '' } of steps) {
      expect(run).not.toContain('${{')
      for (const [install = ''] of run.matchAll(/(go|pipx) install \S+/g))
        expect(install).toMatch(/(@v|==)\d+\.\d+\.\d+$/)
    }
    const [reports = ''] = steps.flatMap((step) => step.with?.reports ?? [])
    const filled = reports
      .replace(/\$\{\{ inputs\.semgrep-rules != '' && format\('(.*?)'.*?\}\}/, (_, form: string) =>
        form.replace('{0}', '/tmp').replace('{1}', '0').replace('{2}', 'success'),
      )
      .replaceAll(/\$\{\{ runner\.temp \}\}/g, '/tmp')
      .replaceAll(/\$\{\{ steps\.\w+\.outputs\.exit \}\}/g, '0')
      .replaceAll(/\$\{\{ steps\.\w+\.outcome \}\}/g, 'success')
    const parsed = parseReportLines(filled)
    expect(parsed.ok && parsed.value.map(({ tool }) => tool)).toEqual(['semgrep', 'osv-scanner', 'gitleaks'])
  })

  test('an input that an action does not have is found', async () => {
    const train = readFileSync(join(root, '.github/workflows/train.yml'), 'utf8')
    const text = inFull(train).replace('mode: next', 'moode: next')
    const found = await workflowFaults(join(root, '.github/workflows/train.yml'), text)
    expect(found.join('\n')).toContain('moode')
  })

  test.each(files)('%s interpolates nothing into a shell, bounds every job and grants the least', (file) => {
    const workflow = parse(readFileSync(join(root, file), 'utf8')) as {
      permissions: unknown
      jobs: Record<
        string,
        {
          'timeout-minutes'?: number
          permissions?: unknown
          uses?: string
          steps?: { run?: string; uses?: string }[]
        }
      >
    }
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs)) {
      expect(job.permissions).toBeDefined()
      // A job that calls a workflow has the bounds of that one's jobs.
      if (job.uses !== undefined) {
        expect(job.uses).toMatch(/^\$\/\.github\/workflows\//)
        continue
      }
      expect(job['timeout-minutes']).toBeGreaterThan(0)
      for (const step of job.steps ?? []) {
        expect(step.run ?? '').not.toContain('${{')
        expect(step.uses ?? '$/').toMatch(/^(\$\/|[^@]+@[0-9a-f]{40}$)/)
      }
    }
  })
})
