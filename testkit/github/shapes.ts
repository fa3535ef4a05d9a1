import type { GitDir } from './git.ts'

/** Where a repository stands and what its answers link to. */
export interface Repository {
  readonly owner: string
  readonly name: string
  readonly id: number
  readonly git: GitDir
  /** `<REST base>/repos/<owner>/<name>` */
  readonly api: string
  /** `<server>/<owner>/<name>` */
  readonly html: string
}

export interface CommitData {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
  readonly author: Person
  readonly committer: Person
}

interface Person {
  readonly name: string
  readonly email: string
  readonly date: string
}

const nodeId = (kind: string, id: string) => Buffer.from(`${kind}:${id}`).toString('base64url')

/** Commits read in one git call; `revisions` are arguments of `git log`. */
export async function readCommits(git: GitDir, revisions: readonly string[]): Promise<CommitData[]> {
  const format = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x00')
  const text = await git.text(['log', '-z', `--format=${format}%x00`, ...revisions, '--'])
  const fields = text.split('\0')
  const commits: CommitData[] = []
  // Ten fields a commit, then the empty one that %x00 and -z leave between commits.
  for (let at = 0; at + 9 < fields.length; at += 11) {
    const [
      sha = '',
      tree = '',
      parents = '',
      an = '',
      ae = '',
      ad = '',
      cn = '',
      ce = '',
      cd = '',
      message = '',
    ] = fields.slice(at, at + 10)
    commits.push({
      sha: sha.trim(),
      tree,
      parents: parents.split(' ').filter((parent) => parent !== ''),
      message: message.replace(/\n+$/, ''),
      author: { name: an, email: ae, date: iso(ad) },
      committer: { name: cn, email: ce, date: iso(cd) },
    })
  }
  return commits
}

const iso = (seconds: string) => new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z')

const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }

export function gitCommit(repo: Repository, commit: CommitData) {
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: `${repo.api}/git/commits/${commit.sha}`,
    html_url: `${repo.html}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${repo.api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${repo.api}/git/commits/${sha}`,
      html_url: `${repo.html}/commit/${sha}`,
    })),
    verification: unsigned,
  }
}

export function repositoryCommit(repo: Repository, commit: CommitData) {
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: `${repo.api}/commits/${commit.sha}`,
    html_url: `${repo.html}/commit/${commit.sha}`,
    comments_url: `${repo.api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${repo.api}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${repo.api}/git/trees/${commit.tree}` },
      verification: unsigned,
    },
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${repo.api}/commits/${sha}`,
      html_url: `${repo.html}/commit/${sha}`,
    })),
  }
}

export function gitRef(repo: Repository, ref: string, sha: string, type: string) {
  return {
    ref,
    node_id: nodeId('Ref', ref),
    url: `${repo.api}/git/${ref}`,
    object: { sha, type, url: `${repo.api}/git/${type}s/${sha}` },
  }
}

/** GitHub breaks base64 into lines of 60 characters. */
export function wrappedBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('base64')
    .replace(/.{60}/g, '$&\n')
    .replace(/(?<!\n)$/, '\n')
}

export function contentFile(repo: Repository, ref: string, path: string, sha: string, bytes: Buffer) {
  // Above 1 MB the API leaves the content out and says so (REST docs, repository contents).
  const large = bytes.length > 1024 * 1024
  const links = contentLinks(repo, ref, path, `${repo.api}/git/blobs/${sha}`, 'blob')
  return {
    name: path.split('/').at(-1) ?? path,
    path,
    sha,
    size: bytes.length,
    ...links,
    download_url: `${repo.html}/raw/${ref}/${path}`,
    type: 'file',
    content: large ? '' : wrappedBase64(bytes),
    encoding: large ? 'none' : 'base64',
  }
}

export function contentLinks(
  repo: Repository,
  ref: string,
  path: string,
  git: string,
  view: 'blob' | 'tree',
) {
  const self = `${repo.api}/contents/${path}?ref=${encodeURIComponent(ref)}`
  const html = `${repo.html}/${view}/${ref}/${path}`
  return { url: self, html_url: html, git_url: git, _links: { self, git, html } }
}

export function blob(repo: Repository, sha: string, bytes: Buffer) {
  return {
    sha,
    node_id: nodeId('Blob', sha),
    size: bytes.length,
    url: `${repo.api}/git/blobs/${sha}`,
    content: wrappedBase64(bytes),
    encoding: 'base64',
  }
}
