import { expect, it } from 'vitest'
import { startAdmin } from './admin-under-test.ts'
import { countSamples, observePipelines } from './many-metrics.ts'

it('goes on when a scraper goes away in the middle', async () => {
  await using admin = await startAdmin()
  observePipelines(admin, 2_000)
  const gone = new AbortController()
  const { body } = await fetch(`${admin.url}/metrics`, { signal: gone.signal })
  await body?.getReader().read()
  gone.abort()
  expect(await countSamples(admin)).toBeGreaterThan(7_900)
})
