import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// CI counts tests from result files, one per run of the test runner (see .ci/run).
const results = process.env.TEST_RESULTS
const resultFile = results === undefined ? undefined : join(results, `vitest-${process.pid}.json`)

export default defineConfig({
  test: {
    reporters: resultFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultFile }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,actions,testkit,rig,scripts,bench,examples}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.rig.test.ts', 'examples/delivery-service/**'],
          pool: 'forks',
          // Most of it is slack for a busy machine: what a test waits for has a bound of its own.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        // The real parts of rig/: one control plane for the run, so files go one after the other.
        test: {
          name: 'rig',
          include: ['{src,actions,testkit,rig,e2e}/**/*.rig.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          globalSetup: ['rig/vitest-setup.ts'],
        },
      },
    ],
  },
})
