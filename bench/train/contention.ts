import { readLedger } from '../../src/ledger/index.ts'
import { tick } from '../../src/train/index.ts'
import * as site from '../../src/train/testing/site.ts'

const writers = 8

/**
 * Eight runs at the same moment, each with a clone of its own, round after round over a real Git repository: all want
 * the same thing, so exactly one of them may write it, and the ledger has to verify after each round.
 */
export async function measureContention(rounds: number, print: (line: object) => void): Promise<boolean> {
  await site.setUp()
  try {
    await site.approved()
    const start = performance.now()
    const times: number[] = []
    let conflicts = 0
    for (let round = 0; round < rounds; round++) {
      const before = site.value(await fresh()).state.head.seq
      const said = { person: 'ada', reason: `round ${round}` }
      const answers = await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          const began = performance.now()
          // Of two that write the very same commit Git refuses neither; runs differ at least by their address.
          const author = { actor: 'ada', run: `https://ci/${round}/${writer}`, clock: 'machine' } as const
          const context = site.context({ repo: site.repo(), clock: jittered, author })
          const answer = await (round % 2 === 0
            ? tick.hold(context, 'eu', said)
            : tick.resume(context, 'eu', said))
          times.push(performance.now() - began)
          return answer
        }),
      )
      const after = site.value(await fresh()).state.head.seq
      const wrote = answers.filter((a) => a.ok && a.value.commit !== undefined).length
      conflicts += answers.filter((a) => !a.ok && a.fault.reason === 'ledger-conflict').length
      process.stderr.write(`${round + 1} of ${rounds} rounds\n`)
      if (wrote === 1 && after === before + 1) continue
      print({ bench: 'train-contention', round, wrote, events: after - before, broken: true })
      return false
    }
    const sorted = times.toSorted((a, b) => a - b)
    const at = (part: number) => Math.round(sorted[Math.ceil(sorted.length * part) - 1] ?? 0)
    const seconds = Math.round((performance.now() - start) / 100) / 10
    const line = { writers, rounds, conflicts, p50Ms: at(0.5), p95Ms: at(0.95), seconds, broken: null }
    print({ bench: 'train-contention', ...line })
    return true
  } finally {
    await site.tearDown()
  }
}

const fresh = () => readLedger(site.repo(), site.config.service, [], site.signal)

/** The waits after a conflict are real ones here. */
const jittered = {
  now: () => site.site.now,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
}
