import { type Action, type Situation, wait } from './actions.ts'

/** A worker that crashes on the digest is the digest's fault, whatever the canary's requests say. */
export function badCompanion({ companions = [] }: Situation): Action | undefined {
  const bad = companions.find((each) => each.state === 'bad')
  return bad === undefined ? undefined : { do: 'abort', reason: bad.reason, why: bad.why }
}

/** Nothing goes on while another workload of the release falls behind, or nothing is known of it. */
export function unwellCompanion({ companions = [] }: Situation): Action | undefined {
  const unwell = companions.find((each) => each.state === 'unwell' || each.state === 'unknown')
  return unwell === undefined ? undefined : wait(unwell.reason, unwell.why)
}
