import * as z from 'zod'
import { expected } from './expected.ts'

const jsonSchema = () =>
  z.union([z.boolean(), z.record(z.string(), z.unknown())], { error: expected('a JSON Schema') }).optional()

/** The schema of the data on the way in and out. */
export const contractSpec = z
  .strictObject({
    input: jsonSchema().describe('JSON Schema 2020-12 of the data that comes in.'),
    output: jsonSchema().describe('JSON Schema 2020-12 of the data that goes out.')
  })
  .meta({
    id: 'Contract',
    description: 'JSON Schemas of the data; a mismatch lists every fault with its JSON pointer.'
  })

export type ContractSpec = z.infer<typeof contractSpec>
