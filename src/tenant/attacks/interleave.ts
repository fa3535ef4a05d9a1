import { worst } from '../oracle/judge.ts'
import { type Case, other, type Side } from '../types.ts'
import { ownRequest } from './lists.ts'
import { attack, caseOf, type Part, type Sent } from './part.ts'

const rounds = 4

/** Both tenants ask for their own at the same moment, over connections that are kept: state that outlives a wait shows. */
export async function interleave(part: Part): Promise<readonly Case[]> {
  const callers: readonly Side[] = [part.from, other(part.from), part.from, other(part.from)]
  const requests = callers.map((side) => ownRequest(part, side))
  const sent: Sent[] = []
  for (let round = 0; round < rounds; round += 1) {
    const all = callers.map((side, index) => {
      const request = requests[index]
      return request === undefined
        ? undefined
        : attack({ ...part, from: side, to: other(side) }, request, 'own')
    })
    const done = await Promise.all(all)
    sent.push(
      ...done.filter((_one, index) => callers[index] === part.from).filter((one) => one !== undefined),
    )
  }
  const bad = worst(sent.map((one) => ({ ...one, verdict: one.judgement.verdict })))
  return bad === undefined ? [] : [caseOf(part, 'interleave', bad.judgement, bad.request)]
}
