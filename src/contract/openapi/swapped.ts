import { keyOf } from '../schema/json.ts'
import { at } from '../schema/place.ts'
import type { Description } from './document.ts'

/** A revision with a lower version than its base: more often the two were given the wrong way round. */
export function swappedHint(base: Description, revision: Description): string | undefined {
  const [from, to] = [versionOf(base), versionOf(revision)]
  if (from === undefined || to === undefined) return undefined
  const older = compareVersions(to, from) < 0
  return older
    ? `info.version goes back from ${from.join('.')} to ${to.join('.')}: base and revision may be the wrong way round`
    : undefined
}

function versionOf({ root }: Description): readonly number[] | undefined {
  const version = keyOf(at(root, 'info').value, 'version')
  const found = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?![\w.])/.exec(String(version ?? ''))
  return found === null ? undefined : found.slice(1).map((part) => Number(part ?? 0))
}

function compareVersions(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
