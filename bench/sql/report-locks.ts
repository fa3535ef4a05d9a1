import { type LocksCase, parts, type Scored, scoreLocks } from './score-locks.ts'

const goal = 0.98

export async function reportLocks(
  file: { readonly base_schema: string; readonly cases: readonly LocksCase[] },
  misses: boolean,
): Promise<void> {
  const started = performance.now()
  const scored = await scoreLocks(file.base_schema, file.cases)
  const ms = performance.now() - started
  const print = (figure: string, of: readonly Scored[]) => {
    const right = of.filter((one) => one.right).length
    const value = of.length === 0 ? 1 : Math.round((right / of.length) * 10_000) / 10_000
    console.log(
      JSON.stringify({
        bench: 'sql',
        oracle: 'locks',
        figure,
        value,
        right,
        of: of.length,
        goal,
        met: value >= goal,
      }),
    )
  }
  for (const part of parts)
    print(
      part,
      scored.filter((one) => one.part === part),
    )
  const statements = Map.groupBy(scored, ({ id, major }) => `${major} ${id}`)
  const whole = [...statements.values()].map((group): Scored => {
    const [first] = group
    if (first === undefined) throw new Error('an empty group')
    return { ...first, right: group.every(({ right }) => right) }
  })
  print('statements and versions with everything right', whole)
  console.log(
    JSON.stringify({
      bench: 'sql',
      oracle: 'locks',
      figure: 'ms per statement and version',
      value: Math.round((ms / Math.max(1, whole.length)) * 100) / 100,
    }),
  )
  if (!misses) return
  for (const { id, major, part, expected, predicted, right } of scored)
    if (!right) console.log(JSON.stringify({ miss: id, major, part, expected, predicted }))
}
