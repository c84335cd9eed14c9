import * as z from 'zod'
import { servingPipeline } from './spec/serving-pipeline.ts'

/** JSON Schema 2020-12 of a ServingPipeline, for editors. */
export const jsonSchema = (): z.core.JSONSchema.BaseSchema =>
  z.toJSONSchema(servingPipeline, { target: 'draft-2020-12', io: 'input' })
