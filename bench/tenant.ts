/**
 * `npm run -s bench:tenant -- [--runs N] [--only LEAK,…] [--schemathesis PROGRAM] [--skip-ours]`: the two-tenant
 * simulator on testkit/tenant-demo with each of its leaks open alone, and with all closed N times; beside it, where
 * PROGRAM is given, schemathesis with both tenants as peers. One JSON line a run, then one for each tool.
 */
import { parseArgs } from 'node:util'
import { startPostgres } from '../testkit/postgres/index.ts'
import { type Leak, leakNames, startTenantDemo } from '../testkit/tenant-demo/index.ts'
import { ours } from './tenant/ours.ts'
import { schemathesis } from './tenant/schemathesis.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    only: { type: 'string' },
    schemathesis: { type: 'string' },
    'skip-ours': { type: 'boolean', default: false },
  },
})
const wanted = values.only?.split(',') ?? leakNames
const unknown = wanted.filter((name) => !leakNames.some((leak) => leak === name))
if (unknown.length > 0) throw new Error(`no such leak: ${unknown.join(', ')}`)
const leaks = leakNames.filter((leak) => wanted.includes(leak))
const { schemathesis: program } = values

/** What a tool says of a service: one text for each thing that it found. */
export interface Seen {
  readonly findings: readonly string[]
  readonly seconds: number
  readonly green: boolean
  readonly more?: Readonly<Record<string, number | string>>
}

const tools = [
  ...(values['skip-ours'] ? [] : [{ name: 'tenant-gate', clean: Number(values.runs), run: ours }]),
  ...(program === undefined
    ? []
    : [
        {
          name: 'schemathesis',
          clean: Math.min(2, Number(values.runs)),
          run: (url: string) => schemathesis(program, url),
        },
      ]),
]

const say = (line: object) => console.log(JSON.stringify(line))
const server = await startPostgres({ major: 16 })
try {
  for (const { name, clean, run } of tools) {
    const fresh = async (leak?: Leak) => {
      const demo = await startTenantDemo(await server.database())
      try {
        demo.open(...(leak === undefined ? [] : [leak]))
        const mark = await demo.mark()
        const seen = await run(demo.url)
        return { ...seen, untouched: (await demo.mark()) === mark }
      } finally {
        await demo.close()
      }
    }
    const false_ = new Set<string>()
    let [falseFindings, notGreen, touched, seconds] = [0, 0, 0, 0]
    for (let count = 1; count <= clean; count += 1) {
      const { findings, green, untouched, seconds: took, more } = await fresh()
      falseFindings += findings.length
      for (const one of findings) false_.add(one)
      notGreen += green ? 0 : 1
      touched += untouched ? 0 : 1
      seconds += took
      say({
        tool: name,
        leak: 'none',
        run: count,
        findings: findings.length,
        green,
        untouched,
        seconds: took,
        ...more,
      })
    }
    const missed: Leak[] = []
    let longest = 0
    for (const leak of leaks) {
      const { findings, untouched, seconds: took, more } = await fresh(leak)
      // What it says of the service without any leak is no finding of this one.
      const found = findings.filter((one) => !false_.has(one))
      if (found.length === 0) missed.push(leak)
      longest = Math.max(longest, took)
      say({
        tool: name,
        leak,
        found: found.length > 0,
        findings: found.slice(0, 3),
        untouched,
        seconds: took,
        ...more,
      })
    }
    say({
      tool: name,
      leaks: leaks.length,
      found: leaks.length - missed.length,
      missed,
      cleanRuns: clean,
      falseFindings,
      notGreen,
      touched,
      secondsClean: clean === 0 ? 0 : round(seconds / clean),
      secondsLongest: round(longest),
    })
  }
} finally {
  await server.stop()
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
