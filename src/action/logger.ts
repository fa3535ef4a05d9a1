import type { Logger } from '../release/index.ts'
import { harmlessLines } from './log.ts'
import type { Annotation } from './outcome.ts'
import type { Runner } from './runner.ts'

/** Prints as it happens, and keeps warnings and notices: annotations are chosen when the run is over. */
export function runLogger(runner: Runner, keep: (annotation: Annotation) => void): Logger {
  const print = (text: string) => {
    for (const line of harmlessLines(text)) runner.line(line)
  }
  return {
    debug: (text) => runner.debug(text),
    info: print,
    notice(message) {
      print(`Note: ${message}`)
      keep({ level: 'notice', message })
    },
    warn(message) {
      print(`Warning: ${message}`)
      keep({ level: 'warning', message })
    },
    async group(title, body) {
      runner.startGroup(title)
      try {
        return await body()
      } finally {
        runner.endGroup()
      }
    },
  }
}
