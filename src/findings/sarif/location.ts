import { countOf, defined, type JsonMap, mapOf, mapsOf, textOf } from '../json/access.ts'
import { type Place, percentDecoded, placeOf } from '../read/place.ts'
import type { Ground } from '../read/types.ts'
import type { FindingLocation } from '../types.ts'

/** Names under which tools keep the root of the source tree, whatever folder they declare for it. */
const rootIds = ['%SRCROOT%', 'SRCROOT', 'ROOTPATH', 'PROJECTROOT', 'REPOROOT', 'SOLUTIONROOT']

/** Where an artifactLocation lies; undefined when it names nothing. */
export function artifactPlace(location: unknown, run: JsonMap, ground: Ground): Place | undefined {
  const given = mapOf(location)
  if (given === undefined) return undefined
  const uri = textOf(given.uri)
  if (uri === undefined) {
    const index = given.index
    const artifact = typeof index === 'number' ? mapsOf(run.artifacts)[index] : undefined
    const inner = mapOf(artifact?.location)
    return textOf(inner?.uri) === undefined ? undefined : artifactPlace(inner, run, ground)
  }
  const base = textOf(given.uriBaseId)
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri) || uri.startsWith('/')) return placeOf(uri, ground)
  const relative = percentDecoded(uri)
  if (base === undefined || rootIds.includes(base.toUpperCase())) return placeOf(relative, ground)
  const folder = baseFolder(base, run, 0)
  return folder === undefined ? placeOf(relative, ground) : placeOf(`${folder}${uri}`, ground)
}

/** A base may stand on another base (3.14.14); a circle of them is nothing. */
function baseFolder(id: string, run: JsonMap, depth: number): string | undefined {
  if (depth > 8) return undefined
  const base = mapOf(mapOf(run.originalUriBaseIds)?.[id])
  const uri = textOf(base?.uri)
  if (uri === undefined) return undefined
  const parent = textOf(base?.uriBaseId)
  if (parent === undefined || rootIds.includes(parent.toUpperCase())) return uri
  return `${baseFolder(parent, run, depth + 1) ?? ''}${uri}`
}

export interface ResultPlace {
  readonly location?: FindingLocation
  readonly snippet?: string
  readonly outside?: string
}

/** The first location counts, as on GitHub. */
export function resultPlace(result: JsonMap, run: JsonMap, ground: Ground): ResultPlace {
  const [first] = mapsOf(result.locations)
  const physical = mapOf(first?.physicalLocation)
  const place = artifactPlace(physical?.artifactLocation, run, ground)
  if (place === undefined) return {}
  if (place === 'outside') {
    return { outside: textOf(mapOf(physical?.artifactLocation)?.uri) ?? 'a file of its list of artifacts' }
  }
  if (place.file === '') return {}
  const region = mapOf(physical?.region)
  const line = countOf(region?.startLine)
  const location: FindingLocation = defined({
    file: place.file,
    line,
    endLine: line === undefined ? undefined : countOf(region?.endLine),
    column: line === undefined ? undefined : countOf(region?.startColumn),
    endColumn: line === undefined ? undefined : countOf(region?.endColumn),
  })
  const snippet = textOf(mapOf(region?.snippet)?.text)
  return defined({ location, snippet: snippet?.slice(0, 4_000) })
}
