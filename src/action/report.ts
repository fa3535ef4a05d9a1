import { chooseAnnotations } from './annotations.ts'
import type { Json } from './json.ts'
import { harmlessLines } from './log.ts'
import type { Annotation, Outcome } from './outcome.ts'
import type { Action } from './registry.ts'
import type { Runner } from './runner.ts'
import type { Secrets } from './secrets.ts'
import { escapeMarkdown, fitSummary, summaryLimitBytes } from './summary.ts'

/** Outputs of a job are 1 MB in all; a result near that is a defect and must not take the others with it. */
const longestResult = 512 * 1024

export interface Report {
  readonly action: Action
  readonly outcome: Outcome
  readonly runner: Runner
  readonly secrets: Secrets
  /** Page of the reason code. */
  readonly link: string
  /** Warnings and notices of the log, in their order. */
  readonly logged: readonly Annotation[]
}

/** Tells the outcome: outputs first (a later job needs them most), then log and annotations, then the summary. */
export async function report({ action, outcome, runner, secrets, link, logged }: Report): Promise<void> {
  const text = (value: string) => secrets.redact(value)
  runner.output('verdict', outcome.verdict)
  runner.output('reason-code', outcome.reason)
  runner.output('result', resultText(action, outcome, secrets))
  for (const name of Object.keys(action.outputs)) {
    runner.output(name, outputText(secrets.redactJson(outcome.outputs?.[name] ?? '')))
  }

  const good = outcome.verdict === 'pass' || outcome.verdict === 'wait'
  const told = text(fullText(outcome, link))
  if (good) for (const line of harmlessLines(told)) runner.line(line)
  const own: readonly Annotation[] = good
    ? []
    : [{ level: 'error', title: `${action.name}: ${outcome.reason}`, message: told, ...placeOf(outcome) }]
  // A fault in a file carries its place on the main annotation; it is not said twice.
  const others = (outcome.annotations ?? []).filter(
    (annotation) => good || annotation.level !== 'error' || annotation.message !== outcome.message,
  )
  for (const annotation of chooseAnnotations([...own, ...others, ...logged])) {
    runner.annotate({ ...annotation, message: text(annotation.message) })
  }

  const sections = outcome.summary ?? []
  if (outcome.verdict === 'pass' && sections.length === 0) return
  const head = {
    title: `${action.name}: ${outcome.verdict} (${outcome.reason})`,
    body: headOf(outcome, link),
  }
  const room = summaryLimitBytes - 1 - runner.summaryBytes()
  await runner.summary(
    fitSummary(
      [head, ...sections].map((s) => ({ title: text(s.title), body: text(s.body) })),
      room,
    ),
  )
}

/** 0 for pass and wait, unless the caller must not go on while the answer is "not yet". */
export function exitCode(outcome: Outcome, failOn: string): 0 | 1 {
  if (outcome.verdict === 'pass') return 0
  return outcome.verdict === 'wait' && failOn !== 'wait' ? 0 : 1
}

function resultText(action: Action, outcome: Outcome, secrets: Secrets): string {
  const { verdict, reason, message, next, until, data } = outcome
  const head: { readonly [key: string]: Json | undefined } = {
    version: 1,
    action: action.name,
    verdict,
    reason,
    message: shorten(message),
    next,
    until: until?.toISOString(),
  }
  const whole = JSON.stringify(secrets.redactJson({ ...head, data }))
  if (Buffer.byteLength(whole) <= longestResult) return whole
  return JSON.stringify(secrets.redactJson({ ...head, omitted: `data of ${whole.length} characters` }))
}

function shorten(message: string): string {
  return message.length <= 8_000 ? message : `${message.slice(0, 7_900)}... (${message.length} characters)`
}

function outputText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const introductions = {
  user: undefined,
  world:
    'Nothing is known to be wrong with the release: something outside did not answer as it must. Running this step again is safe.',
  ours: 'This is a defect of Tuesday, not of your release. Running this step again is safe; please report it with the log.',
} as const

function fullText({ verdict, message, blame, likely, next, until }: Outcome, link: string): string {
  const lines = [
    message,
    likely && `Likely reason: ${likely}`,
    next && `Next step: ${next}`,
    until && `Ask again after ${until.toISOString()}.`,
    blame && introductions[blame],
    verdict === 'pass' ? undefined : `More: ${link}`,
  ]
  return lines.filter((line) => line).join('\n')
}

function headOf(outcome: Outcome, link: string): string {
  const { message, likely, next, until, blame, reason } = outcome
  const paragraphs = [
    escapeMarkdown(message).replaceAll('\n', '<br>\n'),
    likely && `**Likely reason:** ${escapeMarkdown(likely)}`,
    next && `**Next step:** ${escapeMarkdown(next)}`,
    until && `**Ask again after** ${until.toISOString()}`,
    blame && introductions[blame],
    link.startsWith('http') ? `[What ${reason} means](${link})` : `What it means: ${link}`,
  ]
  return paragraphs.filter((paragraph) => paragraph).join('\n\n')
}

function placeOf(outcome: Outcome): Partial<Annotation> {
  const { file, line, column } = outcome.annotations?.find(({ message }) => message === outcome.message) ?? {}
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  }
}
