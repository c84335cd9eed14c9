import type { Operation, QueryParameter, Schema } from '../../http/openapi/document.ts'

export const text = { type: 'string' } as const

/** A document. */
export const one = (description: string, schema: Schema): Operation['answers'][number] => ({
  description,
  content: { 'application/json': schema }
})

/** Parameters of the query. */
export const flag = (description: string): QueryParameter => ({ description, schema: { enum: ['true', 'false'] } })
export const told = (description: string, schema: Schema = text): QueryParameter => ({ description, schema })

/** Of a list in pages. */
export const page = {
  after: told('The `next` of the page before.'),
  limit: told('How many at most.', { type: 'integer', minimum: 1 })
}
