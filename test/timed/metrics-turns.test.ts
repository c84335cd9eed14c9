import { expect, it } from 'vitest'
import { startAdmin } from '../admin/admin-under-test.ts'
import { countSamples, observePipelines } from '../admin/many-metrics.ts'
import { watchTurns } from '../helpers/processor-time.ts'

it('the metrics of ten thousand pipelines leave the event loop to others while they are written', async () => {
  await using admin = await startAdmin()
  observePipelines(admin, 10_000)
  using turns = watchTurns()
  expect(await countSamples(admin)).toBeGreaterThan(39_000)
  // In one piece they took more than half a second.
  expect(turns.longestMs).toBeLessThan(150)
})
