import { join } from 'node:path'
import { spawnExec } from '../system/index.ts'
import { gitRepo } from './git-repo.ts'
import { lookInto, makeBare, testEnv, testFolder } from './testing/bare.ts'
import { describeGitOpsRepoContract } from './testing/repo-contract.ts'

describeGitOpsRepoContract('gitRepo', async () => {
  const folder = await testFolder()
  const bare = join(folder.dir, 'server.git')
  await makeBare(bare)
  let opened = 0
  return {
    open(branch = 'main') {
      opened += 1
      return gitRepo({
        exec: spawnExec,
        url: `file://${bare}`,
        branch,
        cacheDir: join(folder.dir, `cache-${opened}`),
        author: { name: 'Release train', email: 'train@example.com' },
        env: testEnv,
      })
    },
    look: lookInto(bare),
    close: folder.remove,
  }
})
