import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommitSha } from '../../release/index.ts'
import { unwrap } from '../../release/index.ts'
import type { GitOpsMarks } from '../marks.ts'
import type { FileChange, GitOpsRepo } from '../repo.ts'

export interface ContractTarget {
  /** A repository of its own process: nothing is shared with the others but the server. */
  open(branch?: string): GitOpsRepo & GitOpsMarks
  /** What plain Git sees on the server: the look past the implementation under test. */
  readonly look: {
    log(): Promise<readonly { readonly sha: string; readonly parent: string; readonly message: string }[]>
    show(sha: string, path: string): Promise<string>
    /** A commit of someone else: `link` writes a symbolic link, `bytes` a binary file. */
    push(
      files: readonly {
        path: string
        bytes?: Uint8Array
        text?: string
        link?: string
      }[],
    ): Promise<CommitSha>
  }
  close(): Promise<void>
}

const signal = new AbortController().signal
const text = (path: string, content: string): FileChange => ({ path, text: content })

/** What every GitOpsRepo does, on a branch `main` whose first commit is empty. */
export function describeGitOpsRepoContract(name: string, start: () => Promise<ContractTarget>): void {
  describe(`${name} is a GitOpsRepo`, () => {
    let target: ContractTarget
    let repo: GitOpsRepo & GitOpsMarks
    beforeAll(async () => {
      target = await start()
      repo = target.open()
    })
    afterAll(() => target?.close())

    const headOf = async (from = repo) => unwrap(await from.read([], signal)).head
    const write = async (files: readonly FileChange[], message = 'a change\n', from = repo) =>
      unwrap(await from.commit({ parent: await headOf(from), message, files }, signal))
    const read = async (paths: readonly string[], from = repo) => unwrap(await from.read(paths, signal))

    it('reads what it wrote, byte for byte, in one commit with its message', async () => {
      const odd = '\ufeffa: 1\r\nb: "é😀"\r\n\r\n# no newline at the end'
      const before = await headOf()
      const done = await write(
        [text('e/pins.yaml', odd), text('release/x/state.json', '{}\n'), text('empty', '')],
        'pin: x\n\nRegion: prod-us\n',
      )
      expect(done.kind).toBe('committed')
      const snapshot = await read(['e/', 'release/x/state.json', 'empty', 'absent', 'absent/'])
      expect(Object.fromEntries(snapshot.files)).toEqual({
        'e/pins.yaml': odd,
        'release/x/state.json': '{}\n',
        empty: '',
      })
      const [newest] = await target.look.log()
      expect(newest).toMatchObject({ sha: snapshot.head, parent: before })
      expect(newest?.message.trim()).toBe('pin: x\n\nRegion: prod-us')
      expect(await target.look.show(snapshot.head, 'e/pins.yaml')).toBe(odd)
    })

    it('takes a folder only with its slash, and a file only without', async () => {
      await write([text('dir/deep/a', 'a'), text('dir/b', 'b'), text('dir-2/c', 'c')])
      expect([...(await read(['dir/'])).files.keys()].sort()).toEqual(['dir/b', 'dir/deep/a'])
      expect((await read(['dir', 'dir/b/'])).files.size).toBe(0)
    })

    it('takes paths as they are, not as patterns', async () => {
      await write([text('odd/[a]*.yaml', 'x'), text('odd/a.yaml', 'y'), text('odd/with "quotes" é', 'z')])
      expect(Object.fromEntries((await read(['odd/[a]*.yaml', 'odd/with "quotes" é'])).files)).toEqual({
        'odd/[a]*.yaml': 'x',
        'odd/with "quotes" é': 'z',
      })
      expect((await read(['odd/*'])).files.size).toBe(0)
    })

    it('deletes files, and an absent one is no fault', async () => {
      await write([text('gone/a', '1'), text('gone/b', '2')])
      await write([{ path: 'gone/a', delete: true }, { path: 'gone/never', delete: true }, text('kept', 'k')])
      expect([...(await read(['gone/', 'kept'])).files.keys()].sort()).toEqual(['gone/b', 'kept'])
    })

    it('lets a file take the place of a deleted folder', async () => {
      await write([text('swap/a', '1')])
      await write([{ path: 'swap/a', delete: true }, text('swap', 'now a file')])
      expect((await read(['swap'])).files.get('swap')).toBe('now a file')
    })

    it('writes no commit when nothing differs', async () => {
      await write([text('same', 'x')])
      const before = await headOf()
      expect(await write([text('same', 'x'), { path: 'not-there', delete: true }])).toEqual({
        kind: 'committed',
        commit: before,
      })
      expect(await headOf()).toBe(before)
    })

    it('answers conflict when the parent is not the head, and leaves nothing of the loser', async () => {
      const other = target.open()
      const stale = await headOf()
      const winner = await write([text('race', 'winner')], 'winner\n', other)
      const lost = unwrap(
        await repo.commit(
          { parent: stale, message: 'loser\n', files: [text('race', 'loser'), text('loser-only', '1')] },
          signal,
        ),
      )
      expect(lost).toEqual({ kind: 'conflict', head: winner.kind === 'committed' ? winner.commit : '' })
      expect(Object.fromEntries((await read(['race', 'loser-only'])).files)).toEqual({ race: 'winner' })
      expect((await target.look.log()).map(({ message }) => message.trim())).not.toContain('loser')
    })

    it('answers conflict for a change that changes nothing on a parent that is not the head', async () => {
      await write([text('idle', 'x')])
      const stale = await headOf()
      const head = await target.look.push([{ path: 'elsewhere', text: `${Date.now()}` }])
      expect(
        unwrap(await repo.commit({ parent: stale, message: 'm\n', files: [text('idle', 'x')] }, signal)),
      ).toEqual({ kind: 'conflict', head })
    })

    it('sees the commits of others, and knows ancestors from later and foreign ones', async () => {
      const first = await headOf()
      const second = await target.look.push([{ path: 'outside', text: '1' }])
      const third = await target.look.push([{ path: 'outside', text: '2' }])
      expect((await read(['outside'])).files.get('outside')).toBe('2')
      const fresh = target.open()
      const answers = [
        [first, third],
        [second, third],
        [third, third],
        [third, first],
      ] as const
      for (const from of [repo, fresh]) {
        const found = []
        for (const [a, d] of answers) found.push(unwrap(await from.isAncestor(a, d, signal)))
        expect(found).toEqual([true, true, true, false])
      }
      const unknown = await fresh.isAncestor('1'.repeat(40) as CommitSha, third, signal)
      expect(unknown.ok || unknown.fault.reason).toBe('gitops-commit-missing')
    })

    it('still reads and writes after it has looked into the history', async () => {
      unwrap(
        await repo.isAncestor((await target.look.log()).at(-1)?.sha as CommitSha, await headOf(), signal),
      )
      await target.look.push([{ path: 'later/a', text: 'a' }])
      expect((await write([text('later/b', 'b')])).kind).toBe('committed')
      expect(Object.fromEntries((await read(['later/'])).files)).toEqual({ 'later/a': 'a', 'later/b': 'b' })
    })

    it.each([
      ['a link', { path: 'odd-kind/link', link: '../elsewhere' }],
      ['a binary file', { path: 'odd-kind/logo.png', bytes: Uint8Array.of(0x89, 0x50, 0, 0xff) }],
      [
        'text that is cut within a character',
        { path: 'odd-kind/cut', bytes: Uint8Array.of(0x61, 0xf0, 0x9f, 0x98) },
      ],
    ])('stops at %s instead of handing on something else', async (_, file) => {
      await target.look.push([file, { path: 'odd-kind/fine', text: 'ok' }])
      const answer = await target.open().read(['odd-kind/'], signal)
      expect(answer.ok ? 'read' : answer.fault).toMatchObject({
        reason: 'gitops-file-unreadable',
        at: { file: file.path },
      })
      expect((await read(['odd-kind/fine'])).files.get('odd-kind/fine')).toBe('ok')
      await write([{ path: file.path, delete: true }])
    })

    it.each([
      ['../outside'],
      ['/etc/passwd'],
      ['a/../../b'],
      ['.git/config'],
      ['a/.GIT/hooks/x'],
      ['a//b'],
      [''],
      ['a\nb'],
      ['a\\b'],
    ])('refuses the path %j and writes nothing', async (path) => {
      const before = await headOf()
      const written = await repo.commit(
        { parent: before, message: 'm\n', files: [text('fine', `${path}`), text(path, 'x')] },
        signal,
      )
      expect(written.ok ? 'written' : written.fault.reason).toBe('gitops-path-invalid')
      const asked = await repo.read([path], signal)
      expect(asked.ok ? 'read' : asked.fault.reason).toBe('gitops-path-invalid')
      expect(await headOf()).toBe(before)
    })

    it('refuses one path twice, and a file below a file', async () => {
      const parent = await headOf()
      for (const files of [
        [text('twice', '1'), { path: 'twice', delete: true } as const],
        [text('f', '1'), text('f/g', '2')],
      ]) {
        const answer = await repo.commit({ parent, message: 'm\n', files }, signal)
        expect(answer.ok ? 'written' : answer.fault.reason).toBe('gitops-path-invalid')
      }
    })

    it('says that the branch is missing', async () => {
      const answer = await target.open('no-such-branch').read(['a'], signal)
      expect(answer.ok ? 'read' : answer.fault).toMatchObject({
        reason: 'gitops-branch-missing',
        blame: 'user',
      })
    })

    it('stops when it is cancelled', async () => {
      const stopped = AbortSignal.abort(new Error('cancelled'))
      const before = await headOf()
      const answers = [
        await repo.read(['a'], stopped),
        await repo.commit({ parent: before, message: 'm\n', files: [text('cancelled', '1')] }, stopped),
        await target.open().isAncestor(before, '2'.repeat(40) as CommitSha, stopped),
      ]
      expect(answers.map((answer) => answer.ok || answer.fault.reason)).toEqual([
        'cancelled',
        'cancelled',
        'cancelled',
      ])
      expect(await headOf()).toBe(before)
    })

    it('keeps marks beside the branch, which two runs may set and drop at once', async () => {
      const other = target.open()
      const at = await headOf()
      await headOf(other)
      expect(unwrap(await repo.marks('told/shop/', signal))).toEqual([])
      const first = { name: 'told/shop/team/1', at, drop: [] }
      unwrap(await repo.setMark(first, signal))
      unwrap(await other.setMark(first, signal))
      const second = { name: 'told/shop/team/12', at, drop: ['told/shop/team/1'] }
      unwrap(await other.setMark(second, signal))
      unwrap(await repo.setMark(second, signal))
      expect(unwrap(await repo.marks('told/shop/', signal))).toEqual(['told/shop/team/12'])
      expect(unwrap(await repo.marks('told/sho/', signal))).toEqual([])
      expect(await headOf()).toBe(at)
    })

    it('loses no update of 8 writers at once', { timeout: 300_000 }, async () => {
      const rounds = 3
      await write([text('counter', '0')])
      const start = (await target.look.log()).length
      const conflicts = await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          const mine = target.open()
          let lost = 0
          for (let round = 0; round < rounds; ) {
            const { head, files } = await read(['counter'], mine)
            const next = String(Number(files.get('counter')) + 1)
            const change = {
              parent: head,
              message: `writer ${writer} round ${round}\n`,
              files: [text('counter', next), text(`by/${next}`, `${writer}.${round}`)],
            }
            const outcome = unwrap(await mine.commit(change, signal))
            if (outcome.kind === 'committed') round += 1
            else lost += 1
          }
          return lost
        }),
      )
      const { files } = await read(['counter', 'by/'])
      expect(files.get('counter')).toBe(String(8 * rounds))
      const winners = [...files].filter(([path]) => path.startsWith('by/')).map(([, who]) => who)
      expect(new Set(winners).size).toBe(8 * rounds)
      const log = await target.look.log()
      expect(log.length - start).toBe(8 * rounds)
      expect(new Set(log.slice(0, 8 * rounds).map(({ message }) => message)).size).toBe(8 * rounds)
      // Eight writers on one branch have to get into each other's way, or the test proves nothing.
      expect(conflicts.reduce((sum, lost) => sum + lost, 0)).toBeGreaterThan(0)
    })
  })
}
