import { expect, it } from 'vitest'
import { isIdentity } from '../../src/event/content-coding.ts'

it('takes nothing, and identity however often, for a body as it is', () => {
  expect(['', ' ', 'identity', 'Identity', 'identity, identity', 'identity,', ','].map(isIdentity)).not.toContain(false)
  expect(['gzip', 'identity, gzip', 'identit', 'identity identity', 'x-identity'].map(isIdentity)).not.toContain(true)
})
