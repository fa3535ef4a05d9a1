import type { Ground } from './types.ts'

/** A path of a report, from the root of the repository; `outside` when it leads out of it. */
export type Place = { readonly file: string } | 'outside'

/** Folders that containers mount the checkout to: GitHub's for its own actions. */
const containerRoots = ['/github/workspace', '/__w']

/** Resolves a path or a URI as a tool wrote it: relative, absolute, percent-encoded, with backslashes. */
export function placeOf(text: string, { roots }: Ground): Place {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'file') return 'outside'
  const bare = scheme === 'file' ? text.replace(/^file:(\/\/[^/]*)?/i, '') : text
  const path = (scheme === 'file' ? percentDecoded(bare) : bare).replaceAll('\\', '/')
  if (path.includes('\0')) return 'outside'
  const drive = /^\/?[a-z]:\//i.test(path)
  if (!path.startsWith('/') && !drive) return within(path)
  const whole = path.replace(/^\/(?=[a-z]:\/)/i, '')
  for (const root of [...roots, ...containerRoots]) {
    const folder = root.replaceAll('\\', '/').replace(/\/+$/, '')
    if (whole === folder) return { file: '' }
    if (whole.startsWith(`${folder}/`)) return within(whole.slice(folder.length + 1))
  }
  return 'outside'
}

/** Normalised, and never above the root. */
export function within(path: string): Place {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return 'outside'
  }
  return { file: parts.join('/') }
}

/** A percent sign that begins no code stands for itself: not every tool encodes what it writes. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
