import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { startAdmin, type AdminUnderTest } from './admin-under-test.ts'

/** Each with some of every metric. */
function observePipelines({ metrics }: AdminUnderTest, count: number): void {
  for (let i = 0; i < count; i++) {
    const pipeline = metrics.forPipeline(`default/pipeline-${i}`, ['filter', 'sentiment'])
    pipeline.started()
    pipeline.stepFinished('filter', 'replied', 0.01)
    pipeline.stepFinished('sentiment', 'replied', 0.01)
    pipeline.finished('replied', 0.02, 0.001)
  }
}

async function scrape({ url }: AdminUnderTest): Promise<{ readonly samples: number; readonly longestHoldMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const { body } = await fetch(`${url}/metrics`)
  let samples = 0
  for await (const chunk of body ?? []) samples += Buffer.from(chunk).toString('latin1').split('_count{').length - 1
  delay.disable()
  return { samples, longestHoldMs: delay.max / 1e6 }
}

it('leaves the event loop to others while ten thousand pipelines are written', async () => {
  await using admin = await startAdmin()
  observePipelines(admin, 10_000)
  const holds: number[] = []
  for (let i = 0; i < 3; i++) {
    const { samples, longestHoldMs } = await scrape(admin)
    // A chunk may end within the name.
    expect(samples).toBeGreaterThan(39_000)
    holds.push(longestHoldMs)
  }
  // In one piece it took more than half a second. The least of three, since the machine has other things to do.
  expect(Math.min(...holds)).toBeLessThan(100)
}, 60_000)

it('goes on when a scraper goes away in the middle', async () => {
  await using admin = await startAdmin()
  observePipelines(admin, 2_000)
  const gone = new AbortController()
  const { body } = await fetch(`${admin.url}/metrics`, { signal: gone.signal })
  await body?.getReader().read()
  gone.abort()
  expect((await scrape(admin)).samples).toBeGreaterThan(7_900)
})
