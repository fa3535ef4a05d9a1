import { expect } from 'vitest'
import { startGitHub } from '../../testkit/github/index.ts'
import { gitHubClient } from '../github/index.ts'
import { systemClock } from '../system/index.ts'
import { githubRepo } from './github-repo.ts'
import { lookInto } from './testing/bare.ts'
import { describeGitOpsRepoContract } from './testing/repo-contract.ts'

const owner = 'acme'
const name = 'delivery-gitops'

describeGitOpsRepoContract('githubRepo', async () => {
  const server = await startGitHub({ repositories: [{ owner, name }], strict: true })
  return {
    open(branch = 'main') {
      const token = async () => server.token
      const github = gitHubClient({
        apiUrl: server.url,
        graphqlUrl: server.graphqlUrl,
        token,
        fetch,
        clock: systemClock(),
      })
      return githubRepo({ github, owner, name, branch })
    },
    look: lookInto(server.gitDir(owner, name)),
    async close() {
      await server.close()
      // Every request of ours fits GitHub's published description.
      expect(server.violations).toEqual([])
    },
  }
})
