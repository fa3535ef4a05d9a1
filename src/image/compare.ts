import type { ServedImage } from './describe.ts'
import { sizeOf } from './quality/quality.ts'

export interface PackageChange {
  readonly name: string
  /** Absent: it was not there. */
  readonly before?: string
  /** Absent: it is gone. */
  readonly after?: string
}

/** What is different from the image that is live. */
export interface ImageChange {
  readonly base?: { readonly before: string; readonly after: string }
  readonly bytes: { readonly before: number; readonly after: number }
  /** Absent: one of the two has no list of its contents. */
  readonly packages?: readonly PackageChange[]
}

interface Side {
  readonly image: ServedImage
  readonly packages: ReadonlyMap<string, string> | undefined
}

export function compareImages(live: Side, fresh: Side): ImageChange {
  const [before, after] = [live.image.base ?? 'not told', fresh.image.base ?? 'not told']
  const packages =
    live.packages === undefined || fresh.packages === undefined
      ? undefined
      : changesOf(live.packages, fresh.packages)
  return {
    ...(before === after ? {} : { base: { before, after } }),
    bytes: { before: sizeOf(live.image.platforms), after: sizeOf(fresh.image.platforms) },
    ...(packages === undefined ? {} : { packages }),
  }
}

function changesOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly PackageChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)]
    if (was === is) return []
    return [
      { name, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) },
    ]
  })
}
