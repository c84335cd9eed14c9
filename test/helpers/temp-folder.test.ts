import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createTempFolder } from './temp-folder.ts'

it('is gone with its files after the test', async () => {
  const folder = await createTempFolder()
  const file = await folder.write('deep/pipeline.yaml', 'kind: ServingPipeline')
  expect(readFileSync(file, 'utf8')).toBe('kind: ServingPipeline')
  await folder[Symbol.asyncDispose]()
  expect(existsSync(folder.path)).toBe(false)
})
