import { defineConfig } from 'vitest/config'

/** The short form: what shows in seconds that all of it fits together. */
const short = ['test/kubernetes/short/**/*.test.ts']

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: process.env['SLUICE_TEST_SHORT'] === undefined ? ['test/kubernetes/**/*.test.ts'] : short,
    globalSetup: ['test/kubernetes/testbed/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A control plane, a gateway and a controller are more than a busy machine starts in seconds.
    env: { SLUICE_TEST_PATIENCE_MS: '120000' },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles: ['test/setup/leaks.ts']
  }
})
