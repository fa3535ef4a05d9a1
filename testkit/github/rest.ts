import type { HttpRequest } from '../http/index.ts'
import { isAncestor, noObject, objectType, resolveCommit, swapRef, type TreeEntry, writeTree } from './git.ts'
import { repositoryMeta } from './repository-meta.ts'
import {
  blob,
  contentFile,
  contentLinks,
  gitCommit,
  gitRef,
  type Repository,
  readCommits,
  repositoryCommit,
} from './shapes.ts'

/** An answer that GitHub gives instead of the asked-for object. */
export class ApiError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface Call {
  readonly repo: Repository
  readonly rest: string
  readonly body: Record<string, unknown>
  readonly request: HttpRequest
  readonly now: Date
}

export interface Answer {
  readonly status: number
  readonly body?: object | string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

type Handler = (call: Call) => Promise<Answer>

const notFound = () => new ApiError(404, 'Not Found')
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function required(body: Record<string, unknown>, name: string): string {
  const value = text(body[name])
  if (value === undefined) throw new ApiError(422, `Invalid request.\n\n"${name}" wasn't supplied.`)
  return value
}

async function needObject(repo: Repository, id: unknown, type: string, message: string): Promise<string> {
  if ((await objectType(repo.git, id)) !== type) throw new ApiError(422, message)
  return String(id)
}

async function readRef(repo: Repository, ref: string) {
  const sha = await repo.git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', ref])
  if (sha === undefined) throw notFound()
  return gitRef(repo, ref, sha, await repo.git.text(['cat-file', '-t', sha]))
}

const getRepository: Handler = async ({ repo, now }) => ({ status: 200, body: repositoryMeta(repo, now) })

const getRef: Handler = async ({ repo, rest }) => ({ status: 200, body: await readRef(repo, `refs/${rest}`) })

const matchingRefs: Handler = async ({ repo, rest }) => {
  const list = await repo.git.text(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)'])
  const refs = list
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([name]) => name?.startsWith(`refs/${rest}`))
  return { status: 200, body: refs.map(([name = '', sha = '', type = '']) => gitRef(repo, name, sha, type)) }
}

const createRef: Handler = async ({ repo, body }) => {
  const ref = required(body, 'ref')
  const sha = required(body, 'sha')
  if (!/^refs\/[^/]+\/./.test(ref) || (await repo.git.maybe(['check-ref-format', ref])) === undefined) {
    throw new ApiError(422, 'Reference name is invalid')
  }
  await needObject(repo, sha, 'commit', 'Object does not exist')
  if (!(await swapRef(repo.git, ref, sha, noObject))) throw new ApiError(422, 'Reference already exists')
  return { status: 201, body: await readRef(repo, ref) }
}

const updateRef: Handler = async ({ repo, rest, body }) => {
  const ref = `refs/${rest}`
  const before = await repo.git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', ref])
  if (before === undefined) throw new ApiError(422, 'Reference does not exist')
  const sha = await needObject(repo, required(body, 'sha'), 'commit', 'Object does not exist')
  if (body.force !== true && !(await isAncestor(repo.git, before, sha))) {
    throw new ApiError(422, 'Update is not a fast forward')
  }
  // Another writer came between the check and the swap: to this one its update was no fast-forward.
  if (!(await swapRef(repo.git, ref, sha, before))) throw new ApiError(422, 'Update is not a fast forward')
  return { status: 200, body: await readRef(repo, ref) }
}

const deleteRef: Handler = async ({ repo, rest }) => {
  const ref = `refs/${rest}`
  if ((await repo.git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', ref])) === undefined) {
    throw new ApiError(422, 'Reference does not exist')
  }
  await repo.git.text(['update-ref', '-d', ref])
  return { status: 204 }
}

const createBlob: Handler = async ({ repo, body }) => {
  const encoding = body.encoding === 'base64' ? 'base64' : 'utf8'
  const input = Buffer.from(required(body, 'content'), encoding)
  const sha = await repo.git.text(['hash-object', '-w', '--stdin'], { input })
  return { status: 201, body: { sha, url: `${repo.api}/git/blobs/${sha}` } }
}

const getBlob: Handler = async ({ repo, rest }) => {
  if ((await objectType(repo.git, rest)) !== 'blob') throw notFound()
  return { status: 200, body: blob(repo, rest, await repo.git.bytes(['cat-file', 'blob', rest])) }
}

async function treeBody(repo: Repository, sha: string, recursive: boolean) {
  const listing = await repo.git.text(['ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), sha])
  const tree = listing
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode = '', type = '', id = '', size = '', path = ''] =
        /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/s.exec(line) ?? []
      const url = `${repo.api}/git/${type}s/${id}`
      return { path, mode, type, sha: id, ...(type === 'blob' ? { size: Number(size) } : {}), url }
    })
  return { sha, url: `${repo.api}/git/trees/${sha}`, tree, truncated: false }
}

const createTree: Handler = async ({ repo, body }) => {
  const base = text(body.base_tree)
  const baseTree =
    base === undefined ? undefined : await repo.git.maybe(['rev-parse', '-q', '--verify', `${base}^{tree}`])
  if (base !== undefined && baseTree === undefined)
    throw new ApiError(422, 'base_tree is not a valid tree oid')
  if (!Array.isArray(body.tree)) throw new ApiError(422, 'Invalid tree info')
  const entries: TreeEntry[] = []
  for (const raw of body.tree as Record<string, unknown>[]) {
    const path = required(raw, 'path')
    const mode = text(raw.mode) ?? '100644'
    if (raw.sha === null) {
      entries.push({ path, sha: null })
      continue
    }
    const content = text(raw.content)
    const sha =
      content === undefined
        ? await needObject(repo, raw.sha, 'blob', `tree.sha ${String(raw.sha)} is not a valid blob`)
        : await repo.git.text(['hash-object', '-w', '--stdin'], { input: content })
    entries.push({ path, mode, sha })
  }
  return { status: 201, body: await treeBody(repo, await writeTree(repo.git, baseTree, entries), false) }
}

const getTree: Handler = async ({ repo, rest, request }) => {
  const sha = await repo.git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', `${rest}^{tree}`])
  if (sha === undefined) throw notFound()
  return { status: 200, body: await treeBody(repo, sha, request.query.has('recursive')) }
}

const createCommit: Handler = async ({ repo, body, now }) => {
  const tree = await needObject(repo, body.tree, 'tree', 'Tree SHA does not exist')
  const parents = Array.isArray(body.parents) ? body.parents : []
  for (const parent of parents) {
    await needObject(repo, parent, 'commit', 'Parent SHA does not exist or is not a commit object')
  }
  const author = (body.author ?? {}) as Record<string, unknown>
  const date = text(author.date) ?? now.toISOString()
  const env: Record<string, string> = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
  if (typeof author.name === 'string') env.GIT_AUTHOR_NAME = author.name
  if (typeof author.email === 'string') env.GIT_AUTHOR_EMAIL = author.email
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', String(parent)])]
  const sha = await repo.git.text(args, { input: required(body, 'message'), env })
  return { status: 201, body: await commitBody(repo, sha) }
}

async function commitBody(repo: Repository, sha: string) {
  const [commit] = await readCommits(repo.git, ['-1', sha])
  if (commit === undefined) throw notFound()
  return gitCommit(repo, commit)
}

const getGitCommit: Handler = async ({ repo, rest }) => {
  if ((await objectType(repo.git, rest)) !== 'commit') throw notFound()
  return { status: 200, body: await commitBody(repo, rest) }
}

const getCommit: Handler = async ({ repo, rest, request }) => {
  const sha = await resolveCommit(repo.git, rest)
  if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${rest}`)
  if (request.headers.accept?.includes('vnd.github.sha')) {
    return {
      status: 200,
      body: sha,
      headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' },
    }
  }
  const [commit] = await readCommits(repo.git, ['-1', sha])
  if (commit === undefined) throw notFound()
  return { status: 200, body: repositoryCommit(repo, commit) }
}

const getContents: Handler = async ({ repo, rest, request }) => {
  const ref = request.query.get('ref') ?? 'main'
  const commit = await resolveCommit(repo.git, ref)
  if (commit === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`)
  const path = rest.replace(/\/+$/, '')
  const sha = await repo.git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', `${commit}:${path}`])
  if (sha === undefined) throw notFound()
  if ((await objectType(repo.git, sha)) === 'blob') {
    const bytes = await repo.git.bytes(['cat-file', 'blob', sha])
    if (/vnd\.github\.(v3\.)?raw/.test(request.headers.accept ?? '')) {
      return {
        status: 200,
        body: bytes,
        headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' },
      }
    }
    return { status: 200, body: contentFile(repo, ref, path, sha, bytes) }
  }
  const { tree } = await treeBody(repo, sha, false)
  const entries = tree.map((entry) => {
    const full = path === '' ? entry.path : `${path}/${entry.path}`
    const isTree = entry.type === 'tree'
    return {
      name: entry.path,
      path: full,
      sha: entry.sha,
      size: 'size' in entry ? entry.size : 0,
      ...contentLinks(repo, ref, full, entry.url, isTree ? 'tree' : 'blob'),
      download_url: isTree ? null : `${repo.html}/raw/${ref}/${full}`,
      type: isTree ? 'dir' : 'file',
    }
  })
  return { status: 200, body: entries }
}

const compare: Handler = async ({ repo, rest, request }) => {
  if (request.query.has('page')) throw new ApiError(501, 'testkit/github compares without paging')
  const [, left = '', right = ''] = /^(.+?)\.\.\.(.+)$/.exec(rest) ?? []
  const base = await resolveCommit(repo.git, left)
  const head = await resolveCommit(repo.git, right)
  const mergeBase = base && head ? await repo.git.maybe(['merge-base', base, head]) : undefined
  if (base === undefined || head === undefined || mergeBase === undefined) throw notFound()
  const counts = await repo.git.text(['rev-list', '--left-right', '--count', `${base}...${head}`])
  const [behind = 0, ahead = 0] = counts.split('\t').map(Number)
  // 250 commits at most without paging (REST docs, compare two commits).
  const commits = await readCommits(repo.git, ['--reverse', `${base}..${head}`])
  const [baseCommit] = await readCommits(repo.git, ['-1', base])
  const [mergeCommit] = await readCommits(repo.git, ['-1', mergeBase])
  if (baseCommit === undefined || mergeCommit === undefined) throw notFound()
  const html = `${repo.html}/compare/${left}...${right}`
  return {
    status: 200,
    body: {
      url: `${repo.api}/compare/${left}...${right}`,
      html_url: html,
      permalink_url: `${repo.html}/compare/${base}...${head}`,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: repositoryCommit(repo, baseCommit),
      merge_base_commit: repositoryCommit(repo, mergeCommit),
      status: ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical',
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: commits.slice(0, 250).map((commit) => repositoryCommit(repo, commit)),
    },
  }
}

/** Method and the part behind `/repos/{owner}/{repo}`; group 1 is what the handler gets as `rest`. */
export const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['GET', /^()$/, getRepository],
  ['GET', /^\/git\/ref\/(.+)$/, getRef],
  ['GET', /^\/git\/matching-refs\/(.+)$/, matchingRefs],
  ['POST', /^\/git\/refs()$/, createRef],
  ['PATCH', /^\/git\/refs\/(.+)$/, updateRef],
  ['DELETE', /^\/git\/refs\/(.+)$/, deleteRef],
  ['POST', /^\/git\/blobs()$/, createBlob],
  ['GET', /^\/git\/blobs\/([^/]+)$/, getBlob],
  ['POST', /^\/git\/trees()$/, createTree],
  ['GET', /^\/git\/trees\/(.+)$/, getTree],
  ['POST', /^\/git\/commits()$/, createCommit],
  ['GET', /^\/git\/commits\/([^/]+)$/, getGitCommit],
  ['GET', /^\/commits\/(.+)$/, getCommit],
  ['GET', /^\/contents(?:\/(.*))?$/, getContents],
  ['GET', /^\/compare\/(.+)$/, compare],
]
