import { expect, it } from 'vitest'
import { surfaces } from './corpus.ts'
import { runFuzz } from './fuzz.ts'

// The long form is `npm run test:fuzz`; this one tries what has found faults, and a few thousand inputs of one seed.
it('no input of the corpus, nor any made from it, meets a defect or keeps a place', { timeout: 120_000 }, async () => {
  const { figures, broken } = await runFuzz({
    seed: 20_240_229,
    surfaces,
    seconds: 4,
    judgeFigures: false,
    progress: () => {}
  })
  expect(broken).toEqual([])
  expect(figures['inputs']).toBeGreaterThan(200)
  expect(figures['answers 200']).toBeGreaterThan(20)
})
