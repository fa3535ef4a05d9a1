import type { CheckResult } from './check.ts'
import { messageOf } from './record.ts'

/** One sentence of what happened, and what a person does now. */
export function answerOf(result: CheckResult): { readonly message: string; readonly next?: string } {
  const { standings, judged } = result
  const names = (states: readonly string[]): string =>
    [
      ...new Set(
        standings.filter(({ state }) => states.includes(state)).map(({ baseline }) => baseline.name),
      ),
    ].join(', ')
  switch (result.state) {
    case 'breaking': {
      const blocking = judged.filter(({ state }) => state === 'blocking')
      const [first] = blocking
      if (first === undefined) {
        const unsafe = standings.filter(({ rollbackUnsafe }) => rollbackUnsafe.length > 0)
        return {
          message: `Going back would break who uses the new contract, in ${unsafe.map(({ baseline }) => baseline.name).join(', ')}, and the policy fails on that.`,
          next: 'Release in two steps: first a version that takes both, then the one that needs it.',
        }
      }
      const others = blocking.length === 1 ? '' : ` and ${blocking.length - 1} more`
      return {
        message: `${blocking.length} edit(s) break what is relied on in ${names(['breaking'])}: ${messageOf(first.finding)}${others === '' ? '' : ` (${others.trim()}).`}`,
        next: `Keep what is relied on and add the new beside it; or, on the target branch, approve ${first.finding.fingerprint} in the policy with reason, owner, approver and end.`,
      }
    }
    case 'incomplete': {
      const [first] = standings.filter(({ state }) => state === 'missing' || state === 'unreadable')
      return {
        message: `Nothing is known of ${names(['missing', 'unreadable']) || 'any version'}: ${first?.why ?? 'no version to compare with was found'}`,
        next: 'Give the checkout `fetch-depth: 0`, and record what is deployed in the ledger.',
      }
    }
    case 'new-not-allowed':
      return {
        message: `There is no contract to compare with in ${names(['new'])}.`,
        next: 'If it is the first one, say so with `allow-new: true`; if its file was moved, give `was=OLD-PATH`.',
      }
    case 'new':
      return { message: `The first contract for ${names(['new'])}, which \`allow-new\` lets pass.` }
    case 'pact-refused':
    case 'pact-unknown': {
      const wanted = result.state === 'pact-refused' ? 'not-deployable' : 'unknown'
      const found = (result.pact ?? []).filter(({ state }) => state === wanted)
      const where = found.map(({ environment }) => environment).join(', ')
      return {
        message: `The Pact Broker does not let this version go to ${where}: ${found[0]?.why ?? 'it gives no reason'}.`,
        next:
          wanted === 'unknown'
            ? 'Run the verification of the missing pacts for this version, then run this step again.'
            : 'Mend what the consumer relies on, or verify its pact against this version.',
      }
    }
    case 'compatible': {
      const told = judged.filter(({ finding }) => finding.level === 'warning').length
      const approved = judged.filter(({ state }) => state === 'approved').length
      const more = `${approved === 0 ? '' : `, ${approved} approved`}${told === 0 ? '' : `, ${told} worth a look`}`
      return { message: `No edit breaks ${standings.length} version(s) that are relied on${more}.` }
    }
  }
}
