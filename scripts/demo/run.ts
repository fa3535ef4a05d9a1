import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresMissing } from '../../testkit/postgres/index.ts'
import { standInSite } from '../../testkit/site/index.ts'
import { failed } from '../../testkit/workflows/index.ts'
import { header, progress } from './progress.ts'
import { demoReport } from './report.ts'
import { badScenario, goodScenario } from './scenarios.ts'

export interface DemoOptions {
  /** Where the page is written. */
  readonly page: string
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** Answers the exit code: 0 when everything was as expected, 130 when it was stopped. */
export async function runDemo({ page, say, signal }: DemoOptions): Promise<number> {
  const told = progress(say, performance.now())
  const dir = mkdtempSync(join(tmpdir(), 'tuesday-demo-'))
  // Everything that the parts put into the temp folder goes with this one; PostgreSQL runs as another user.
  chmodSync(dir, 0o755)
  const outer = process.env.TMPDIR
  process.env.TMPDIR = dir
  for (const line of header(postgresMissing(16))) say(line)
  try {
    const site = await standInSite({ dir, signal, say: told.line, onLine: told.gate })
    try {
      const good = await goodScenario(site, told)
      const bad = await badScenario(site, told, good.digest)
      writeFileSync(page, await demoReport(site, [good, bad], postgresMissing(16)))
      const defects = site.parts.defects()
      const fault = failed([...good.expectations, ...bad.expectations])
      if (defects.length > 0) throw new Error(`the stand-ins failed: ${defects.join('; ')}`)
      told.done(fault === undefined, good.expectations.length + bad.expectations.length, page)
      if (fault !== undefined) say(fault)
      return fault === undefined ? 0 : 1
    } finally {
      await site.close()
    }
  } catch (error) {
    if (signal.aborted) {
      say('Stopped; nothing was left running.')
      return 130
    }
    say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    if (outer === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = outer
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}
