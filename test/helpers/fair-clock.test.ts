import { expect, it } from 'vitest'
import { startFairClock } from './fair-clock.ts'
import { startProcess } from './process.ts'

it('counts what a process does, and not what it waits for a processor that others have', async () => {
  const clock = startFairClock()
  const startedAt = performance.now()
  {
    await using stack = new AsyncDisposableStack()
    for (let i = 0; i < 3; i++) stack.use(await startProcess('sh', ['-c', 'while :; do :; done']))
    const before = process.cpuUsage()
    while (process.cpuUsage(before).user < 60_000) Math.hypot(3, 4)
  }
  expect(clock.elapsed()).toBeGreaterThan(40)
  expect(clock.elapsed()).toBeLessThan(performance.now() - startedAt)
})
