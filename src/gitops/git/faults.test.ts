import { describe, expect, it } from 'vitest'
import { gitFailure, gitFault, redact } from './faults.ts'

describe('why git failed', () => {
  it.each([
    ["fatal: couldn't find remote ref refs/heads/x", 'branch-missing'],
    ['fatal: Authentication failed for https://github.com/acme/x.git/', 'permission'],
    ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", 'permission'],
    [
      'remote: Permission to acme/x.git denied to bot.\nfatal: unable to access: The requested URL returned error: 403',
      'permission',
    ],
    [
      'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
      'permission',
    ],
    [
      'remote: Repository not found.\nfatal: repository https://github.com/acme/x.git/ not found',
      'repository-missing',
    ],
    ['fatal: unable to access https://x/: Could not resolve host: x', 'unreachable'],
    ['fatal: unable to access https://x/: The requested URL returned error: 502', 'unreachable'],
    ['fatal: the remote end hung up unexpectedly', 'unreachable'],
    ['! c:refs/heads/main [rejected] (stale info)', 'moved'],
    ['! c:refs/heads/main [rejected] (fetch first)', 'moved'],
    [
      `! c:refs/heads/main [remote rejected] (cannot lock ref 'refs/heads/main': is at ${'a'.repeat(40)} but expected ${'b'.repeat(40)})`,
      'moved',
    ],
    [
      "! c:refs/heads/main [remote rejected] (cannot lock ref 'refs/heads/main': Unable to create '/x/main.lock': File exists.)",
      'busy',
    ],
    ['! c:refs/heads/main [remote rejected] (failed to update ref)', 'busy'],
    ['! c:refs/heads/main [remote rejected] (pre-receive hook declined)', 'rejected'],
    [
      'remote: error: GH013: Repository rule violations found\n! c:refs/heads/main [remote rejected] (push declined due to repository rule violations)',
      'rejected',
    ],
    ["fatal: Unable to create '/cache/shallow.lock': File exists.", 'cache-broken'],
  ])('%s', (stderr, failure) => {
    expect(gitFailure({ stdout: '', stderr })).toBe(failure)
  })

  it('is told by what the server said, without the noise', () => {
    const stderr =
      'Enumerating objects: 5, done.\nremote: GH013: signatures are required\nTo https://x/y\nerror: failed to push some refs to https://x/y\n'
    const { cause } = gitFault('Pushing', 'rejected', {
      stdout: '!\tc:refs/heads/main\t[remote rejected] (declined)\nDone\n',
      stderr,
    })
    expect(cause).toBe(
      'Pushing failed: ! c:refs/heads/main [remote rejected] (declined); remote: GH013: signatures are required.',
    )
  })

  it.each([
    ['fatal: unable to access https://x-access-token:ghs_secret@github.com/acme/x.git/'],
    ['> Authorization: Basic ghs_secret'],
    ['authorization: ghs_secret'],
  ])('never shows what opens the door: %s', (text) => {
    expect(redact(text)).not.toContain('ghs_secret')
  })
})
