import { expect, it } from 'vitest'
import { jsonDepthExceeds } from '../../src/event/json-depth.ts'

it.each([
  ['1', 0, false],
  ['[]', 0, true],
  ['[]', 1, false],
  ['{"a":[{}]}', 2, true],
  ['{"a":[{}]}', 3, false],
  ['[[],[],[]]', 2, false],
  ['["[[[[", "\\"[[[[", "\\\\"]', 1, false],
  ['"[[[[', 1, false],
  ['[[[[', 3, true]
])('%s is nested deeper than %i: %s', (json, max, exceeds) => {
  expect(jsonDepthExceeds(Buffer.from(json), max)).toBe(exceeds)
})
