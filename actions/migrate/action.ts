import { defineAction, input } from '../../src/action/index.ts'

export const action = defineAction({
  name: 'migrate',
  description:
    'Applies SQL migrations forward only, in short attempts that no customer has to wait behind; resumable at any point.',
  branding: { icon: 'database', color: 'blue' },
  inputs: {
    config: input.text({ default: 'tuesday.yaml', description: 'Path of tuesday.yaml.' }),
    environment: input.text({
      required: true,
      description: 'Name of the environment in tuesday.yaml whose database is meant.',
    }),
    mode: input.oneOf(
      ['plan', 'apply', 'status', 'lint', 'rehearse', 'repair', 'baseline', 'adopt', 'command'],
      {
        default: 'apply',
        description:
          '`plan` says what `apply` would do, `status` what is applied and what is half-done; both change nothing. `lint` reviews the files of a pull request, `rehearse` runs them on a scratch server. `repair` puts left-overs right. `baseline` and `adopt` write into the journal what the database has already. `command` runs another tool under our bounds.',
      },
    ),
    postgres: input.list({
      legal: ['16', '17', '18'],
      default: '',
      description:
        'Major versions of PostgreSQL that `lint` and `rehearse` judge for. Default: the one of the database where one is given, else all three.',
    }),
    since: input.text({
      pattern: /^\d{1,9}$/,
      form: 'number of a migration',
      description:
        '`lint` and `rehearse` take the files after this number. Default: those the database does not have; without a database those that the pull request adds or changes; without a pull request all.',
    }),
    transactions: input.oneOf(['statement', 'file', 'none'], {
      default: 'statement',
      description:
        'What the runner puts into one transaction, for `lint`: `statement` is this action, `file` and `none` are other runners.',
    }),
    waivers: input.text({
      description:
        'File of accepted hazards, for `lint`. Default: `waivers.yaml` in the folder of the migrations.',
    }),
    catalogue: input.text({
      description:
        'File with the catalogue of the target, as `lint` with a database writes it (output `catalogue`), for a job that cannot reach the database.',
    }),
    regions: input.json({
      // Its form is checked where it is used; here only that it is JSON at all.
      read: (value: unknown) => ({ ok: true, value }),
      description:
        'What the regions run, from the ledger: `[{"region": "prod-us", "release": "r41"}]`. A contract step waits for it.',
    }),
    'scratch-url-env': input.text({
      default: 'SCRATCH_DATABASE_URL',
      pattern: /^[A-Z_][A-Z0-9_]*$/,
      form: 'name of an environment variable',
      description:
        'Variable that holds the URL of the scratch server, for `rehearse`. Its role creates databases.',
    }),
    scale: input.integer({
      default: '1',
      min: 1,
      max: 100,
      description:
        'Percent of the rows of the target that a table gets in `rehearse`; at most 20000, at least 200.',
    }),
    command: input.text({
      description:
        'What bash runs. `command`: the tool, e.g. `npx knex migrate:latest`. `rehearse`: what has to pass on the migrated schema, e.g. the tests of the previous release; the variable of the database holds its URL.',
    }),
    'command-timeout': input.duration({
      default: '15m',
      max: '2h',
      description: 'For `rehearse`: longest that `command` may run.',
    }),
    'command-transactional': input.boolean({
      default: 'false',
      description:
        'For `command`: the tool puts each file and its line in the history into one transaction, so that a run that got no lock may be started again.',
    }),
    through: input.text({
      pattern: /^\d{1,9}$/,
      form: 'the number of a migration',
      description: 'For `baseline`: number of the last migration that the database has already.',
    }),
    from: input.oneOf(['flyway', 'prisma', 'node-pg-migrate', 'knex', 'sqitch'], {
      description: 'For `adopt`: the tool whose history the database holds.',
    }),
    'runner-lock-wait': input.duration({
      default: '2m',
      max: '1h',
      description:
        'Longest that this run waits for another one that is migrating the same database. It has nothing to do with locks of tables: see `migrations.lock-timeout`.',
    }),
  },
  outputs: {
    level: 'Number of the last migration that is applied whole; 0 before the first.',
    applied: 'How many statements this run applied.',
    pending: 'How many statements are left to apply.',
    findings: 'How many findings of `lint` stand in the way.',
    sarif: 'Path of the SARIF file that `lint` wrote.',
    catalogue: 'Path of the catalogue that `lint` read from the database.',
    schema:
      'What the release claims of the schema, as JSON: `needs` (last migration that it needs), `floor` (oldest release that still works once its contract steps are applied), `contracts`.',
  },
})
