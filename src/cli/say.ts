import type { Logger } from '../release/index.ts'

/** Lines on a terminal, and the sentence that stands if the run is cut off now. */
export function lines(out: (line: string) => void) {
  let standing: string | undefined
  const logger: Logger = {
    debug: () => {},
    info: out,
    notice: out,
    warn: (text) => out(`warning: ${text}`),
    group: (name, body) => {
      out(name)
      return body()
    },
  }
  const state = {
    set: (text: string) => {
      standing = text
    },
    get: () => standing,
  }
  return { logger, state }
}
