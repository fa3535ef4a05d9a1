import type { Flaw } from '../flaws.ts'
import { type JsonMap, mapOf, mapsOf, sentence, textOf } from '../json/access.ts'
import { toolErrorFlaw } from '../read/report-flaws.ts'

/** GitHub keeps 25,000 results of a run and shows 5,000: tools that know stop at one of them. */
const cutAt = 25_000
const shownAt = 5_000

/** What a run says itself of not having done its work ("Detecting Incomplete Result Sets" of the specification). */
export function runFlaws(tool: string, run: JsonMap): readonly Flaw[] {
  const invocations = mapsOf(run.invocations)
  return [
    ...resultsFlaws(tool, run),
    ...invocations
      .filter((one) => one.executionSuccessful === false)
      .slice(0, 1)
      .map((one) => failed(tool, one)),
    ...invocations
      .flatMap(errors)
      .slice(0, 1)
      .map((why) => toolErrorFlaw({ tool }, why)),
    ...(Array.isArray(run.artifacts) && run.artifacts.length === 0 ? [nothing(tool)] : []),
  ]
}

function resultsFlaws(tool: string, run: JsonMap): readonly Flaw[] {
  if (!Array.isArray(run.results)) {
    const what = run.results === null ? 'null' : 'absent'
    const says = `\`results\` is ${what} in a run of ${tool}: the tool did not get as far as looking.`
    return [
      { code: 'results-absent', about: tool, says, next: 'Look at the log of the scan and run it again.' },
    ]
  }
  const count = run.results.length
  if (count !== shownAt && count < cutAt) return []
  const says = `A run of ${tool} holds ${count} results, a number at which tools and GitHub cut off.`
  const next = 'Split the scan by folder or by rule set, each with a category of its own.'
  return [{ code: 'truncated', about: tool, says, next }]
}

function failed(tool: string, invocation: JsonMap): Flaw {
  const why =
    textOf(invocation.exitCodeDescription) ??
    textOf(invocation.exitSignalName) ??
    textOf(invocation.processStartFailureMessage)
  return {
    code: 'execution-failed',
    about: tool,
    says: `${tool} says that its execution did not succeed${why === undefined ? '' : `: ${sentence(why, 300)}`}.`,
    next: 'Look at the log of the scan and run it again.',
  }
}

function errors(invocation: JsonMap): readonly string[] {
  const notes = [
    ...mapsOf(invocation.toolExecutionNotifications),
    ...mapsOf(invocation.toolConfigurationNotifications),
  ]
  return notes
    .filter(({ level }) => level === 'error')
    .map(
      (note) =>
        textOf(mapOf(note.message)?.text) ?? textOf(mapOf(note.exception)?.message) ?? 'no reason given',
    )
}

function nothing(tool: string): Flaw {
  return {
    code: 'nothing-scanned',
    about: tool,
    says: `${tool} lists no file that it has looked at.`,
    next: 'Check the paths and excludes of the scan.',
  }
}
