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
    mode: input.oneOf(['plan', 'apply', 'status'], {
      default: 'apply',
      description:
        '`plan` reads files and database and says what `apply` would do, `status` says what is applied; both change nothing.',
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
