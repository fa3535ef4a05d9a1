import { modelConfig } from '../../src/train/testing/model-config.ts'
import { rules } from '../../src/train/testing/moves.ts'
import { walks } from '../../src/train/testing/walk.ts'

/** Walks of four regions and five releases with everything that people may do; one line a thousand of them on stderr. */
export function measureWalks(count: number, seed: number, print: (line: object) => void): boolean {
  const config = modelConfig(['us', 'eu', 'ap', 'me'])
  const bounds = {
    releases: 5,
    states: 0,
    hotfix: true,
    slowTicks: true,
    people: ['hold', 'exclude', 'cancel', 'rollback', 'revoke'],
    // A person who ends a train half way, or skips a region, chooses a third version.
    without: ['I9'],
  } as const
  const start = performance.now()
  const batch = 1_000
  let done = 0
  let steps = 0
  while (done < count) {
    const run = { count: Math.min(batch, count - done), length: 200, seed: seed + done }
    const walked = walks(config, rules, bounds, run)
    done += walked.walks
    steps += walked.steps
    process.stderr.write(`${done} of ${count} walks, ${steps} steps\n`)
    if (walked.broken === undefined) continue
    print({ bench: 'train-walks', walks: done, steps, seed: run.seed, broken: walked.broken })
    return false
  }
  const seconds = Math.round((performance.now() - start) / 100) / 10
  print({ bench: 'train-walks', walks: done, steps, seed, seconds, broken: null })
  return true
}
