import type { Fault } from '../../release/index.ts'

export function baseMissing(commit: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-base-missing',
    cause: `The commit ${commit.slice(0, 12)}, which the contract is compared with, is not in the checkout.`,
    likely: 'actions/checkout fetches a single commit unless it is told otherwise.',
    next: 'Give the checkout `fetch-depth: 0`.',
  }
}

export function swapped(base: string, head: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-swapped',
    cause: `The checkout ${head.slice(0, 12)} stands in the history of ${base.slice(0, 12)}, which was given as its base.`,
    likely: 'Base and head were given the wrong way round, or the job has checked the base out.',
    next: 'Check the head of the change out, and give the commit that it goes to as `base`.',
  }
}

export function noBase(event: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-base-missing',
    cause: `The event ${event} names no commit to compare with, and neither do the inputs.`,
    likely: 'The run is no pull request, and `against` asks for the base.',
    next: 'Give `base`, or `against: deployed` to compare with what the ledger says is running.',
  }
}

export function nothingToCompare(config: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-nothing-to-compare',
    cause: `Neither \`contracts\` nor the section contracts of ${config} names a contract.`,
    next: `Write \`contracts: { openapi: api/openapi.yaml }\` into ${config}, or give the input \`contracts\`.`,
    at: { file: config },
  }
}
