import type { TenantResult } from '../gate/result.ts'

const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '·')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/** The cases as JUnit, one test each; the adapter of this gate reads it back. */
export function toJUnit({ operations, tenants, controls }: TenantResult): string {
  const name = (from: string, to: string) => (from === tenants[0] && to !== from ? 'a->b' : 'b->a')
  const tests = operations.flatMap(({ id, cases }) =>
    cases.map(({ attack, from, to, verdict, evidence }) => {
      const head = `<testcase classname="${escaped(id)}" name="${escaped(`${attack} ${name(from, to)}`)}"`
      const why = escaped(evidence?.why ?? '')
      const body = [why, evidence?.curl === undefined ? '' : escaped(evidence.curl)]
        .filter((one) => one !== '')
        .join('\n')
      if (verdict === 'leak') return `${head}><failure message="${why}">${body}</failure></testcase>`
      if (verdict === 'inconclusive') return `${head}><error message="${why}">${body}</error></testcase>`
      if (verdict === 'untested' || verdict === 'exempt')
        return `${head}><skipped message="${why}"/></testcase>`
      return `${head}/>`
    }),
  )
  const extra = [
    ...(controls.positive > 0
      ? ['<testcase classname="controls" name="control: own objects are read and written"/>']
      : []),
    `<testcase classname="controls" name="mutation: a leak that was put in is found"${controls.mutationCaught ? '/>' : '><failure message="it was not found"/></testcase>'}`,
  ]
  const all = [...tests, ...extra]
  const count = (tag: string) => all.filter((one) => one.includes(`<${tag} `)).length
  const numbers = `tests="${all.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite name="tenant-gate" ${numbers}>\n${all.join('\n')}\n</testsuite>\n</testsuites>\n`
}
