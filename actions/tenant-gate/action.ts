import { defineAction, input } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'tenant-gate',
  description:
    "Acts as two tenants of a service that runs in the job, from its OpenAPI description, and fails when one reaches what is the other's. What was not tested is never green.",
  branding: { icon: 'users', color: 'purple' },
  inputs: {
    'base-url': input.text({
      description:
        'Address of the service that the job started. Only the loopback, or a host of `allow-hosts`; never one that is named as production.',
    }),
    openapi: input.text({
      default: 'openapi.yaml',
      description: 'OpenAPI 3 description of the service, from the root of the repository.',
    }),
    overrides: input.text({
      default: 'tenant.yaml',
      description:
        'The file of overrides: the two tenants, exemptions, bodies, hooks; from the root of the repository.',
    }),
    'credentials-a': input.secret({
      description:
        'Headers of the first tenant, as lines `Name: value` or as JSON, or a bearer token. Without them the login hook is asked.',
    }),
    'credentials-b': input.secret({ description: 'The same of the second tenant.' }),
    simulator: input.oneOf(['builtin', 'command', 'artifact'], {
      default: 'builtin',
      description:
        'Who tests: this action, a command of yours, or a result that an earlier job left. The verdict is computed here in each case.',
    }),
    command: input.list({
      description:
        'With `simulator: command`: the program and its arguments, one a line. It writes the file that TENANT_SIM_OUT names.',
    }),
    'result-file': input.text({
      description: 'With `simulator: artifact`: path of the result, from the root of the repository.',
    }),
    'result-format': input.oneOf(['json', 'junit'], {
      default: 'json',
      description: '`two-tenant/v1` as JSON, or JUnit whose class names are operations.',
    }),
    commit: input.text({
      pattern: /^[0-9a-f]{40}$/,
      form: 'a commit id (40 hex digits)',
      description: 'Commit that was tested. Default: that of the run.',
    }),
    'allow-hosts': input.list({ description: 'Hosts besides the loopback that may be tested, one a line.' }),
    environment: input.text({
      description: 'Name of the environment of the job, where it has one: production is refused.',
    }),
    concurrency: input.integer({ min: 1, max: 32, default: '8', description: 'Requests at once.' }),
    timeout: input.duration({
      min: '10s',
      max: '1h',
      default: '10m',
      description: 'Longest time of the whole run; what is not done by then is inconclusive.',
    }),
  },
  outputs: {
    state: '`pass`, `leak`, `untested`, `inconclusive` or `invalid`.',
    leaks: 'Number of cases that leaked.',
    untested: 'Number of operations that are neither tested nor exempt.',
    'result-file': 'Path of the result, `two-tenant/v1`.',
    sarif: 'Folder with the SARIF, for sast-gate and for github/codeql-action/upload-sarif.',
    junit: 'Path of the JUnit report.',
    report: 'Path of the HTML page.',
  },
})
