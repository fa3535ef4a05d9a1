import type { State } from '../gate/verdict.ts'
import type { TenantCheck } from '../run/check.ts'

const sentences: Readonly<Record<State, string>> = {
  pass: 'Every operation keeps the tenants apart.',
  leak: 'A tenant reaches what is not its own.',
  untested: 'Not every operation is tested.',
  inconclusive: 'Too much of the run means nothing.',
  invalid: 'The run proves nothing.',
}

const steps: Readonly<Record<Exclude<State, 'pass'>, string>> = {
  leak: 'Replay the command of the evidence, and limit the statement behind it by the tenant of the credentials.',
  untested:
    'Give the operation a body or a binding in the file of overrides, or classify it under `exempt` with reason and end.',
  inconclusive:
    'Look at the reasons; a slow, limiting or failing service is started again and asked less at once.',
  invalid: 'Give credentials of two different tenants and a service that works with its description.',
}

/** One sentence with the evidence, and what to do next. */
export function messageOf({ verdict, simulation }: TenantCheck) {
  const { state, counts, problems, operations } = verdict
  const decided = operations.filter((one) => one.state === 'pass' || one.state === 'leak').length
  const numbers = [
    `${decided} of ${operations.length} operations tested`,
    `${operations.filter((one) => one.state === 'exempt').length} exempt`,
    `cases: ${counts.pass} passed, ${counts.leak} leaked, ${counts.inconclusive} inconclusive`,
    ...(simulation === undefined ? [] : [`${simulation.requests} requests`]),
  ].join('; ')
  const said = problems.slice(0, 5).map((one) => one.slice(0, 300))
  const more = problems.length > 5 ? [`And ${problems.length - 5} more.`] : []
  const message = [sentences[state], ...said, ...more, `${numbers}.`].join('\n')
  return state === 'pass' ? { message } : { message, next: steps[state] }
}

/** The machine's form: versioned, plain JSON, small enough for an output; the file has all cases. */
export function recordOf({ verdict, result, notes, simulation }: TenantCheck) {
  const leaks = result.operations.flatMap(({ id, cases }) =>
    cases
      .filter((one) => one.verdict === 'leak')
      .map(({ attack, from, to, evidence }) => ({
        operation: id,
        attack,
        from,
        to,
        why: evidence?.why ?? '',
        curl: evidence?.curl ?? '',
      })),
  )
  return {
    version: 1,
    state: verdict.state,
    commit: result.commit,
    tenants: [...result.tenants],
    counts: { ...verdict.counts },
    controls: {
      positive: result.controls.positive,
      negative: result.controls.negative,
      mutationCaught: result.controls.mutationCaught,
    },
    operations: verdict.operations
      .slice(0, 1000)
      .map(({ id, state, why }) => ({ id, state, ...(why === undefined ? {} : { why: why.slice(0, 300) }) })),
    leaks: leaks.slice(0, 100),
    omitted: Math.max(0, leaks.length - 100),
    problems: verdict.problems.slice(0, 100).map((one) => one.slice(0, 500)),
    notes: [...notes].slice(0, 100),
    ...(simulation === undefined
      ? {}
      : {
          requests: simulation.requests,
          removed: simulation.cleaned.removed,
          kept: simulation.cleaned.kept.length,
          selfTest: simulation.mutation.tried.map((one) => ({ ...one })),
        }),
  }
}
