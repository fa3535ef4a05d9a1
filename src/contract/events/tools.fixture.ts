import { tmpdir } from 'node:os'
import type { Tools } from './protobuf.ts'

/** For formats that are compared without a program of others: one that is started all the same fails the test. */
export const noTools: Tools = {
  exec: async (command) => {
    throw new Error(`${command} was started`)
  },
  env: {},
  signal: new AbortController().signal,
  temp: tmpdir(),
}
