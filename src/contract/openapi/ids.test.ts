import { describe, expect, it } from 'vitest'
import { compare } from './documents.fixture.ts'
import { breakingRows, positions } from './ids.fixture.ts'

const cases = breakingRows.flatMap(([suffix, before, after, breaksAt]) =>
  breaksAt.map((position) => ({ id: `${position}${suffix}`, position, before, after })),
)

describe('the vocabulary of oasdiff', () => {
  it.each(cases)('$id breaks', async ({ id, position, before, after }) => {
    const { findings } = await compare(positions[position](before), positions[position](after))
    expect(findings.map((one) => `${one.level} ${one.id}`)).toContain(`error ${id}`)
  })

  it.each(cases)('$id breaks nobody the other way round, or breaks by another name', async (row) => {
    const { findings } = await compare(
      positions[row.position](row.after),
      positions[row.position](row.before),
    )
    expect(findings.length).toBeGreaterThan(0)
    const symmetric = /changed$|wrapped/.test(row.id)
    expect(findings.some((one) => one.id === row.id)).toBe(symmetric && !row.id.includes('wrapped'))
    if (!symmetric && !/prefix-items/.test(row.id)) {
      expect(findings.filter(({ level }) => level === 'error').map((one) => one.id)).toEqual([])
    }
  })
})
