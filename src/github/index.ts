/** GitHub's REST and GraphQL API with bounded retries, rate limits and faults of our vocabulary. */
export { type GitHubAnswer, type GitHubClient, type GitHubClientOptions, gitHubClient } from './client.ts'
export type { GitHubFault } from './faults.ts'
