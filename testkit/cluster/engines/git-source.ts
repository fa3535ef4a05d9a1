import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBare, type GitDir, openGitDir } from '../../github/index.ts'

/** The repository as the controller of an Application reads it. */
export interface GitSource {
  resolve(url: string, revision: string): Promise<string>
  /** Files below a folder at one commit, by their paths below it, and the id of its tree. */
  files(
    url: string,
    commit: string,
    folder: string,
  ): Promise<{ readonly tree: string; readonly files: ReadonlyMap<string, string> }>
  close(): Promise<void>
}

/** Local repositories are read in place, others through a mirror in a temp folder. */
export function gitSource(): GitSource {
  const mirrors = new Map<string, Promise<GitDir>>()
  const local = new Map<string, GitDir>()
  let folder: string | undefined

  const isLocal = (url: string) => url.startsWith('/') || url.startsWith('file://')
  const mirror = (url: string): Promise<GitDir> => {
    let made = mirrors.get(url)
    if (made === undefined) {
      made = (async () => {
        folder ??= await mkdtemp(join(tmpdir(), 'testkit-argocd-'))
        return createBare(join(folder, String(mirrors.size)))
      })()
      mirrors.set(url, made)
    }
    return made
  }
  const open = async (url: string): Promise<GitDir> => {
    if (!isLocal(url)) return mirror(url)
    const path = url.replace(/^file:\/\//, '')
    const found = local.get(path) ?? openGitDir(path)
    local.set(path, found)
    return found
  }
  return {
    async resolve(url, revision) {
      const git = await open(url)
      if (!isLocal(url))
        await git.text([
          'fetch',
          '-q',
          '--force',
          '--prune',
          url,
          '+refs/heads/*:refs/heads/*',
          '+refs/tags/*:refs/tags/*',
        ])
      const name = revision === 'HEAD' ? 'HEAD' : revision
      return git.text(['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`])
    },
    async files(url, commit, folderPath) {
      const git = await open(url)
      const place = `${commit}:${folderPath.replace(/^\.?\/*|\/+$/g, '')}`
      const tree = await git.maybe(['rev-parse', '--verify', '--end-of-options', place])
      if (tree === undefined) throw new Error(`${folderPath}: app path does not exist`)
      const listing = await git.text(['ls-tree', '-r', '-z', tree])
      const entries = listing.split('\0').flatMap((line) => {
        const [, id, path] = /^\d+ blob (\S+)\t(.*)$/s.exec(line) ?? []
        return id === undefined || path === undefined ? [] : [{ id, path }]
      })
      const bytes = await git.bytes(['cat-file', '--batch'], {
        input: entries.map((entry) => `${entry.id}\n`).join(''),
      })
      const files = new Map<string, string>()
      let at = 0
      for (const { path } of entries) {
        const end = bytes.indexOf(10, at)
        const size = Number(bytes.subarray(at, end).toString('latin1').split(' ')[2])
        files.set(path, bytes.subarray(end + 1, end + 1 + size).toString('utf8'))
        at = end + 1 + size + 1
      }
      return { tree, files }
    },
    async close() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}
