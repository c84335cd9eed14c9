import { describe, expect, it } from 'vitest'
import { age } from '../../src/cli/print/age.ts'
import { tableText } from '../../src/cli/print/table-text.ts'

const id = '01a22abb-75b6-7000-8f54-64fef03182a6'
const row = { id, pipeline: 'a-namespace/a-pipeline-with-a-long-name', step: 'a-step-with-a-long-name', age: '12m' }
const columns = ['id', 'pipeline', 'step', 'age', 'reason']

describe('a table', () => {
  it('fits a line, and cuts no id', () => {
    const text = tableText([{ ...row, reason: 'PIPELINE_NOT_READY' }], columns, 100)
    expect(
      text
        .split('\n')
        .map(line => line.length)
        .every(length => length <= 100)
    ).toBe(true)
    expect(text).toContain(id)
    expect(text).toContain('a-namespace/a-pi…')
  })

  it('is as wide as it is for a program', () => {
    expect(tableText([row], columns)).toContain(
      '  a-namespace/a-pipeline-with-a-long-name  a-step-with-a-long-name  12m  -\n'
    )
  })
})

it.each([
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [7_200_000, '2h'],
  [200_000_000, '2d'],
  [-5_000, '0s']
])('the age of %d ms is %s', (ms, expected) => {
  const now = Date.UTC(2026, 0, 31)
  expect(age(new Date(now - ms).toISOString(), now)).toBe(expected)
})
