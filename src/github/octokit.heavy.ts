import { GitHub } from '@actions/github/lib/utils'
import type { Fetch } from '../release/index.ts'

/** Octokit as @actions/github ships it, without a token of its own, and silent: what it says goes into faults. */
export function makeOctokit({ apiUrl, fetch }: { readonly apiUrl: string; readonly fetch: Fetch }) {
  const silent = () => {}
  return new GitHub({
    baseUrl: apiUrl.replace(/\/+$/, ''),
    userAgent: 'tuesday',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch, log: { warn: silent } },
  })
}

export type Octokit = ReturnType<typeof makeOctokit>
