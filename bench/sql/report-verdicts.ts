import { type Outcome, scoreVerdict, type Verdict, type VerdictCase } from './score-verdicts.ts'

const goals = { detection: 0.97, falseAlarms: 0.03 }

export async function reportVerdicts(
  file: { readonly cases: readonly VerdictCase[] },
  misses: boolean,
): Promise<void> {
  const outcomes: Outcome[] = []
  for (const one of file.cases) outcomes.push(await scoreVerdict(one))
  const verdicts = outcomes.filter((one) => 'expected' in one)
  print('all', verdicts)
  for (const [name, group] of Map.groupBy(verdicts, (one) => one.class)) print(`class ${name}`, group)
  const sources = Map.groupBy(verdicts, (one) => one.source)
  if (sources.size > 1) for (const [name, group] of sources) print(`source ${name}`, group)
  const times = verdicts.map(({ ms }) => ms).sort((a, b) => a - b)
  line({
    figure: 'ms per file',
    median: round(times[Math.floor(times.length / 2)] ?? 0),
    worst: round(times.at(-1) ?? 0),
  })
  const skipped = Map.groupBy(
    outcomes.filter((one) => 'skipped' in one),
    (one) => one.skipped,
  )
  for (const [reason, group] of skipped) line({ figure: 'not scored', reason, of: group.length })
  if (!misses) return
  for (const { id, rule, expected, found, findings } of verdicts)
    if (expected !== found) line({ [expected ? 'missed' : 'false alarm']: id, rule, findings })
}

export function print(
  figure: string,
  verdicts: readonly (Pick<Verdict, 'expected' | 'found'> & { readonly certain?: boolean })[],
): void {
  const positive = verdicts.filter(({ expected }) => expected)
  const negative = verdicts.filter(({ expected }) => !expected)
  const detection = share(positive.filter(({ found }) => found).length, positive.length)
  const falseAlarms = share(negative.filter(({ found }) => found).length, negative.length)
  line({
    figure,
    detection,
    violating: positive.length,
    falseAlarms,
    ...(negative.some(({ certain }) => certain !== undefined)
      ? {
          falseAlarmsCertain: share(
            negative.filter(({ certain }) => certain === true).length,
            negative.length,
          ),
        }
      : {}),
    clean: negative.length,
    met: (detection ?? 1) >= goals.detection && (falseAlarms ?? 0) <= goals.falseAlarms,
  })
}

function share(part: number, of: number): number | null {
  return of === 0 ? null : round(part / of)
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

function line(of: object): void {
  console.log(JSON.stringify({ bench: 'sql', oracle: 'verdict', ...of }))
}
