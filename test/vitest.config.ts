import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { unitTests } from './setup/unit-tests.ts'

// Every process and every thread of a test loads the same modules: half of what they cost is to strip and compile them.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'sluice-test-compile-cache')

/** They look at their process as a whole, whose memory and processor time nobody else may use. */
const apart = ['test/timed/**/*.test.ts']

/** They need a control plane, and have a configuration of their own. */
const elsewhere = ['test/kubernetes/**']

const unit = unitTests().filter(file => !/^test\/(?:timed|kubernetes)\//.test(file))

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    pool: 'forks',
    // Of two processors, which two would leave idle for a third of the time: so much do tests wait for clocks of the product.
    maxWorkers: 3,
    // A test that hangs is told by what awaits it: this is for a machine that is ten times as slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: unit, isolate: false, setupFiles: ['test/setup/nothing-started.ts'] }
      },
      {
        extends: true,
        test: {
          name: 'gateway',
          include: ['test/**/*.test.ts'],
          exclude: [...unit, ...apart, ...elsewhere],
          isolate: false,
          setupFiles: ['test/setup/leaks.ts']
        }
      },
      { extends: true, test: { name: 'timed', include: apart, setupFiles: ['test/setup/leaks.ts'] } }
    ]
  }
})
