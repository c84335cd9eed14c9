import { describe, expect, it } from 'vitest'
import { servingPipeline } from '../../src/pipeline/spec/serving-pipeline.ts'
import { refusedInSpec, refusedInStep } from '../../src/pipeline/supported.ts'
import { fieldNames } from '../../src/pipeline/validate/field-names.ts'

const cases = [
  ...Object.keys(refusedInSpec).map(path => ['spec', ...path.split('.')]),
  ...Object.keys(refusedInStep).map(path => ['spec', 'steps', 0, ...path.split('.')])
]

describe('what is not supported yet', () => {
  it.each(cases.map(path => ({ path, name: path.join('.') })))('is a field of the resource: $name', ({ path }) => {
    const parent = path.slice(0, -1)
    expect(fieldNames(servingPipeline, parent).own).toContain(path.at(-1))
  })
})
