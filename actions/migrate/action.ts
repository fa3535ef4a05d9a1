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
    mode: input.oneOf(['plan', 'apply', 'status', 'repair', 'baseline', 'adopt', 'command'], {
      default: 'apply',
      description:
        '`plan` says what `apply` would do, `status` what is applied and what is half-done; both change nothing. `repair` puts left-overs right. `baseline` and `adopt` write into the journal what the database has already. `command` runs another tool under our bounds.',
    }),
    through: input.text({
      pattern: /^\d{1,9}$/,
      form: 'the number of a migration',
      description: 'For `baseline`: number of the last migration that the database has already.',
    }),
    from: input.oneOf(['flyway', 'prisma', 'node-pg-migrate', 'knex', 'sqitch'], {
      description: 'For `adopt`: the tool whose history the database holds.',
    }),
    command: input.text({
      description: 'For `command`: what bash runs, e.g. `npx knex migrate:latest`.',
    }),
    'command-transactional': input.boolean({
      default: 'false',
      description:
        'For `command`: the tool puts each file and its line in the history into one transaction, so that a run that got no lock may be started again.',
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
  },
})
