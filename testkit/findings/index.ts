/** What the tests of findings are made of: a SARIF log of given results, and a real Git repository. */
export { newRepository, type Repository } from './repository.ts'
export { type Hit, sarif } from './sarif.ts'
