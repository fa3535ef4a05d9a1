import { err, ok, type Result } from '../../release/index.ts'
import type { TenantResult } from '../gate/result.ts'
import type { CaseVerdict } from '../types.ts'
import { elementsOf, type XmlElement } from './xml.ts'

/** What a simulator that only writes JUnit cannot say in it. */
export interface JUnitFrame {
  readonly commit: string
  readonly runId: string
  readonly startedAt: string
  readonly tenants: readonly [string, string]
}

/**
 * JUnit as a result: `classname` is the operation, `name` the attack, with `a->b` or `b->a` in it for a direction. A
 * failure is a leak; an error and a skipped test decide nothing. Tests named `control…` and `mutation…` are the controls.
 */
export function fromJUnit(text: string, file: string, frame: JUnitFrame): Result<TenantResult> {
  const elements = elementsOf(text)
  if (typeof elements === 'string') return wrong(file, elements)
  const tests = elements.filter(({ name }) => name === 'testcase')
  if (tests.length === 0) return wrong(file, 'it has no test')
  const controls = tests.filter(({ attributes }) => /^(control|mutation)/i.test(attributes.name ?? ''))
  const rest = tests.filter((one) => !controls.includes(one))
  const byOperation = Map.groupBy(rest, ({ attributes }) => attributes.classname ?? '')
  if (byOperation.has('')) return wrong(file, 'a test has no classname, which names the operation')
  const passed = (form: RegExp) =>
    controls.filter((one) => form.test(one.attributes.name ?? '') && verdictOf(one) === 'pass')
  const mutations = controls.filter(({ attributes }) => /^mutation/i.test(attributes.name ?? ''))
  return ok({
    schema: 'two-tenant/v1',
    commit: frame.commit,
    runId: frame.runId,
    startedAt: frame.startedAt,
    tenants: [...frame.tenants],
    operations: [...byOperation].map(([id, own]) => ({
      id,
      cases: own.flatMap((test) => casesOf(test, frame.tenants)),
    })),
    controls: {
      positive: passed(/^control/i).length,
      negative: rest.filter((one) => verdictOf(one) === 'pass').length,
      mutationCaught: mutations.length > 0 && passed(/^mutation/i).length === mutations.length,
    },
  })
}

function casesOf(test: XmlElement, [a, b]: readonly [string, string]) {
  const { name = 'test' } = test.attributes
  const directions = /b\s*-+>\s*a/i.test(name)
    ? [[b, a]]
    : /a\s*-+>\s*b/i.test(name)
      ? [[a, b]]
      : [
          [a, b],
          [b, a],
        ]
  const said = test.children.find((one) => ['failure', 'error', 'skipped'].includes(one.name))
  const why = said === undefined ? 'the test passed' : (said.attributes.message ?? said.name).slice(0, 1000)
  return directions.map(([from = a, to = b]) => ({
    attack: name.slice(0, 100) || 'test',
    from,
    to,
    verdict: verdictOf(test),
    evidence: { why },
  }))
}

function verdictOf({ children }: XmlElement): CaseVerdict {
  const has = (name: string) => children.some((one) => one.name === name)
  if (has('failure')) return 'leak'
  if (has('error')) return 'inconclusive'
  return has('skipped') ? 'untested' : 'pass'
}

function wrong(file: string, why: string): Result<never> {
  return err({
    blame: 'user',
    reason: 'tenant-result-invalid',
    cause: `${file} is no JUnit report of a two-tenant run: ${why}.`,
    likely: 'The simulator ended before it wrote its report.',
    next: 'Write `<testcase classname="operationId" name="attack a->b">` for each case, and `control` and `mutation` tests.',
  })
}
