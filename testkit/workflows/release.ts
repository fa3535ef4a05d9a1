import { type Place, passed, rollout, step } from './place.ts'
import { rollback } from './train.ts'

export interface ReleaseInputs {
  readonly commit: string
  /** Inputs of build-image beside `commit`. */
  readonly build: Readonly<Record<string, string>>
  readonly author: string
}

export interface Proposed {
  readonly digest: string
  readonly plan: string
  readonly release: string
}

/** release.yml: build, migrate and pin staging, prove the digest there, propose the train. */
export async function release(place: Place, { commit, build, author }: ReleaseInputs): Promise<Proposed> {
  const built = passed('build-image', await step(place, 'build-image', { commit, ...build }))
  const digest = built.outputs.digest ?? ''
  place.say(`built ${digest} from ${commit.slice(0, 12)}`)
  if (place.migrates !== false)
    passed('migrate staging', await step(place, 'migrate', { environment: place.staging, mode: 'apply' }))
  const artifact = { digest, 'source-sha': commit, 'config-sha': commit }
  passed(
    'stage',
    await rollout(place, 'stage', { environment: place.staging, person: author, wait: '3m', ...artifact }),
  )
  place.say(`${place.staging} serves it`)
  await rollback(place, { mode: 'preflight' })
  const proposed = passed('propose', await rollout(place, 'propose', { digest, person: author }))
  const { plan = '', release: id = '' } = proposed.outputs
  place.say(`proposed as ${id}, plan ${plan.slice(0, 12)}`)
  return { digest, plan, release: id }
}

/** approve.yml: a person says yes to one plan. */
export async function approve(place: Place, proposed: Proposed, person: string): Promise<void> {
  const { digest, plan } = proposed
  passed('approve', await rollout(place, 'approve', { digest, plan, person }))
  place.say(`${person} approved ${proposed.release}`)
}
