import type { Fault } from '../../release/index.ts'

export function pathOutside(path: string): Fault {
  return {
    blame: 'user',
    reason: 'findings-path-outside',
    cause: `${path} leads out of the checkout and of the temporary folder of the job.`,
    likely: 'The path has `..` in it, or a link leads elsewhere.',
    next: 'Write reports into the checkout or into RUNNER_TEMP.',
  }
}

export function baseMissing(base: string): Fault {
  return {
    blame: 'user',
    reason: 'findings-base-missing',
    cause: `The commit ${base.slice(0, 12)}, which this change goes to, is not in the checkout.`,
    likely: 'actions/checkout fetches a single commit unless it is told otherwise.',
    next: 'Give the checkout `fetch-depth: 0`: policy and suppressions are read from that commit.',
  }
}

export function noRepository(said: string): Fault {
  return {
    blame: 'user',
    reason: 'findings-checkout-unreadable',
    cause: `Git does not answer for the checkout: ${said}`,
    likely: 'The job has no checkout, or the workspace is not the repository.',
    next: 'Run actions/checkout before this action.',
  }
}
