import { statSync } from 'node:fs'
import type { Annotation } from './outcome.ts'
import * as core from './toolkit.ts'

/** What a run tells the runner. Tests put a recording one in its place. */
export interface Runner {
  output(name: string, value: string): void
  saveState(name: string, value: string): void
  mask(value: string): void
  annotate(annotation: Annotation): void
  /** One line that holds no command: see log.ts. */
  line(text: string): void
  debug(text: string): void
  startGroup(title: string): void
  endGroup(): void
  /** Bytes that the summary of this step holds already. */
  summaryBytes(): number
  summary(markdown: string): Promise<void>
}

const annotators = { error: core.error, warning: core.warning, notice: core.notice }

/** The runner that started this process. Without its files (a run by hand) outputs and summary are left out. */
export function actionsRunner(env: Readonly<Record<string, string | undefined>>): Runner {
  return {
    output: (name, value) => {
      if (env.GITHUB_OUTPUT) core.setOutput(name, value)
    },
    saveState: (name, value) => {
      if (env.GITHUB_STATE) core.saveState(name, value)
    },
    mask: core.setSecret,
    annotate({ level, message, title, file, line, column }) {
      annotators[level](message, {
        ...(title === undefined ? {} : { title }),
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { startLine: line }),
        ...(column === undefined ? {} : { startColumn: column }),
      })
    },
    line: core.info,
    debug: core.debug,
    startGroup: core.startGroup,
    endGroup: core.endGroup,
    summaryBytes: () => statSync(env.GITHUB_STEP_SUMMARY ?? '', { throwIfNoEntry: false })?.size ?? 0,
    async summary(markdown) {
      if (env.GITHUB_STEP_SUMMARY) await core.summary.addRaw(markdown).write()
    },
  }
}
