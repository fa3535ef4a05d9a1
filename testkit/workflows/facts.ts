import { type Place, rollout } from './place.ts'

/** The observe jobs of train.yml: dated facts of the regions, for `next`. */
export interface Facts {
  /** `handing`: the region whose next step is written down already; handing it out asks for no facts of it. */
  read(handing?: string): Promise<readonly unknown[]>
  /** What is known of a region is over: something was done there, or it was not as it should be. */
  forget(region: string): void
  /** The region that was under way is done, and the wait behind it over: the next one of the order plays a part. */
  verified(): void
  /** Looks at a region while something else is done that does not touch it. */
  lookAhead(region: string): Promise<void>
}

/** Every environment, each time: what the workflow does. */
export function freshFacts(place: Place): Facts {
  return {
    read: async () => {
      const found = await Promise.all([place.staging, ...place.regions].map((each) => observe(place, each)))
      return found.filter((facts) => facts !== undefined)
    },
    forget: () => {},
    verified: () => {},
    lookAhead: async () => {},
  }
}

/**
 * Facts are dated, and a train takes none that is older than its `fact-age`: so a region that nothing was done to
 * need not be looked at again at once, and one behind the next of the order not at all. For a conductor that pays
 * for each look with seconds on one machine.
 */
export function keptFacts(
  place: Place,
  keptMs: number,
  see: (region: string) => Promise<unknown> = (region) => observe(place, region),
): Facts {
  const known = new Map<string, { readonly at: Date; readonly facts: unknown }>()
  /** How many regions of the order are done. */
  let done = 0
  const still = (region: string) => {
    const entry = known.get(region)
    return entry !== undefined && place.time.now().getTime() - entry.at.getTime() < keptMs
  }
  const look = async (region: string) => {
    const at = place.time.now()
    const facts = await see(region)
    if (facts !== undefined) known.set(region, { at, facts })
  }
  return {
    async read(handing) {
      const wanted = place.regions.slice(0, done + 1).filter((region) => region !== handing)
      await Promise.all(wanted.filter((region) => !still(region)).map(look))
      return wanted.filter(still).map((region) => known.get(region)?.facts)
    },
    forget: (region) => void known.delete(region),
    verified: () => {
      done += 1
    },
    lookAhead: async (region) => {
      if (!still(region)) await look(region)
    },
  }
}

async function observe(place: Place, environment: string): Promise<unknown> {
  const { outputs } = await rollout(place, 'observe', { environment })
  return outputs.facts === undefined || outputs.facts === ''
    ? undefined
    : (JSON.parse(outputs.facts) as unknown)
}
