import { expect, it } from 'vitest'
import { collectGarbage } from '../../src/http/collect-garbage.ts'
import { waitFor } from '../helpers/wait-for.ts'

const megabyte = 1024 * 1024

it('gives back buffers that nobody has any more, and says nothing', async () => {
  const warnings: Error[] = []
  const hear = (warning: Error): void => void warnings.push(warning)
  process.on('warning', hear)
  let buffers: Buffer[] | undefined = Array.from({ length: 64 }, () => Buffer.alloc(megabyte))
  const held = process.memoryUsage().arrayBuffers
  expect(held).toBeGreaterThan(64 * megabyte)
  buffers = undefined
  expect(buffers).toBeUndefined()
  collectGarbage()
  await waitFor(() => process.memoryUsage().arrayBuffers < held - 60 * megabyte, { what: 'the buffers to be gone' })
  process.off('warning', hear)
  expect(warnings).toEqual([])
})
