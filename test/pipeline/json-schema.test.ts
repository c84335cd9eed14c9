import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { jsonSchema } from '../../src/pipeline/json-schema.ts'
import { refusedInSpec, refusedInStep } from '../../src/pipeline/supported.ts'

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(jsonSchema())
const plans = new URL('../fixtures/plans/', import.meta.url)
const faults = new URL('../fixtures/faults/', import.meta.url)

const read = (file: string, folder: URL): unknown => parse(readFileSync(new URL(file, folder), 'utf8'))

/** Every field of a schema, with the schema of its value. */
function* fieldsOf(schema: unknown, path = ''): Generator<[path: string, field: object]> {
  if (typeof schema !== 'object' || schema === null) return
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties')
      for (const [name, field] of Object.entries(value)) yield [`${path}.${name}`, Object(field)]
    yield* fieldsOf(value, `${path}.${key}`)
  }
}

describe('the JSON Schema', () => {
  it.each(readdirSync(plans).filter(file => file.endsWith('.yaml')))('accepts %s', file => {
    expect(validate(read(file, plans)), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each(['unknown-fields.yaml', 'types.yaml'])('refuses %s', file => {
    expect(validate(read(file, faults))).toBe(false)
  })

  it('describes every field', () => {
    const fields = [...fieldsOf(jsonSchema())]
    expect(fields.length).toBeGreaterThan(100)
    expect(fields.filter(([, field]) => !('description' in field || '$ref' in field)).map(([path]) => path)).toEqual([])
  })

  it.each([
    ...Object.entries(refusedInSpec).map(([path, refused]) => ['PipelineSpec', path, refused] as const),
    ...Object.entries(refusedInStep).map(([path, refused]) => ['Step', path, refused] as const)
  ])('does not offer what is refused: %s %s %j', (definition, path, refused) => {
    const fields = Object.fromEntries(fieldsOf(jsonSchema().$defs?.[definition]))
    const field = fields[`.${path.replaceAll(/(\w+)(?=\.)/g, 'properties.$1')}`]
    if (refused === 'every') expect(field).toBeUndefined()
    else expect(field).toMatchObject({ enum: expect.not.arrayContaining([...refused]) })
  })

  it('is one of draft 2020-12', () => {
    expect(jsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'ServingPipeline'
    })
  })
})
