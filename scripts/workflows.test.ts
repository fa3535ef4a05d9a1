import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fromHere, inFull, workflowFaults } from './docs/language-service.ts'

const root = join(import.meta.dirname, '..')

const callers = globSync('examples/delivery-service/.github/workflows/{release,approve,train,rollback}.yml', {
  cwd: root,
})

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
        { 'timeout-minutes'?: number; permissions?: unknown; steps: { run?: string; uses?: string }[] }
      >
    }
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0)
      expect(job.permissions).toBeDefined()
      for (const step of job.steps) {
        expect(step.run ?? '').not.toContain('${{')
        expect(step.uses ?? '$/').toMatch(/^(\$\/|[^@]+@[0-9a-f]{40}$)/)
      }
    }
  })
})
