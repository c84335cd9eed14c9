import type { AdminUnderTest } from './admin-under-test.ts'

/** Each with some of every metric. */
export function observePipelines({ metrics }: AdminUnderTest, count: number): void {
  for (let i = 0; i < count; i++) {
    const pipeline = metrics.forPipeline(`default/pipeline-${i}`, ['filter', 'sentiment'])
    pipeline.started()
    pipeline.stepFinished('filter', 'replied', 0.01)
    pipeline.stepFinished('sentiment', 'replied', 0.01)
    pipeline.ended('sync', 'replied', 0.02, 0.001)
  }
}

/** How many samples of one name a scraper gets, about: a chunk may end within the name. */
export async function countSamples({ url }: AdminUnderTest): Promise<number> {
  const { body } = await fetch(`${url}/metrics`)
  let samples = 0
  for await (const chunk of body ?? []) samples += Buffer.from(chunk).toString('latin1').split('_count{').length - 1
  return samples
}
