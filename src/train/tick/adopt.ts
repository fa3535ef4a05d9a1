import { type Environment, region } from '../../config/index.ts'
import { err, type Fault, type RegionFacts, type Result } from '../../release/index.ts'
import * as people from '../people.ts'
import { serving } from '../serving.ts'
import { type ClusterPort, type Committed, commitDecision, pinsAt, type TickContext } from './context.ts'

/** A named person vouches for what serves a region now. Only what serves *and* is pinned can be a baseline. */
export async function adopt(
  context: TickContext,
  cluster: ClusterPort,
  wish: { readonly region: string; readonly person: string; readonly reason?: string },
): Promise<Result<Committed<people.Wish>>> {
  const { config, signal } = context
  const found = region(config, wish.region)
  if (!found.ok) return found
  const facts = await cluster.observe(found.value, signal)
  const dark = unreadable(found.value, facts)
  if (dark !== undefined) return err(dark)
  return commitDecision(context, async (ledger) => {
    const pins = pinsAt(ledger, found.value)
    if (pins === undefined) return err(noPins(found.value))
    // Who pinned it, and in which commit, is not known here; that it is what serves is.
    const proof = serving(facts, { pins, workloads: config.workloads.map((w) => w.name), carriesPin: true })
    if (proof.verdict !== 'pass') return err(notServed(found.value, proof.why))
    return people.adopt(ledger.state, config, { ...wish, pins })
  })
}

/** A cluster that did not answer stops a run before anything is written. */
export function unreadable({ name }: Environment, facts: RegionFacts): Fault | undefined {
  if (facts.workloads !== undefined && facts.application !== undefined) return undefined
  return {
    blame: 'world',
    reason: 'facts-missing',
    cause: `The cluster of ${name} could not be read: ${facts.unreadable.join('; ') || 'no reason was given'}.`,
    likely: 'The runner has no route to it, or its service account lacks a right.',
    next: 'Check the kubeconfig context and the Role of docs/kubernetes-rbac.yaml; nothing was written.',
  }
}

function noPins({ name, gitops }: Environment): Fault {
  return {
    blame: 'user',
    reason: 'pins-missing',
    cause: `${gitops.pins} is not in the GitOps repository, or is not readable.`,
    likely: `The folder of ${name} was not set up yet, or gitops.pins in tuesday.yaml names another file.`,
    next: 'Commit the pins file with the digest that serves now, let Argo CD sync it, and adopt again.',
  }
}

function notServed({ name }: Environment, why: string): Fault {
  return {
    blame: 'user',
    reason: 'not-served',
    cause: `${name} does not serve what its pins file says: ${why}.`,
    likely: 'A rollout is under way there, or somebody changed the workloads past Git.',
    next: 'Wait until it is settled, or correct the pins file, and adopt again.',
  }
}
