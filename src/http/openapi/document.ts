/** JSON Schema 2020-12, which OpenAPI 3.1 uses as it is. */
export type Schema = boolean | Readonly<Record<string, unknown>>

/** The work of one method of one path. */
export interface Operation {
  readonly summary: string
  readonly description?: string
  /** Parameters of the query, by name. */
  readonly query?: Readonly<Record<string, QueryParameter>>
  /** Headers of the request that mean something here, by name. */
  readonly headers?: Readonly<Record<string, string>>
  /** The bodies that may be sent, by media type. */
  readonly body?: Readonly<Record<string, Schema>>
  /** By status; problems are in every operation. */
  readonly answers: Readonly<Record<number, OperationAnswer>>
  /** Of an error; those of a problem unless given. */
  readonly problem?: Readonly<Record<string, Schema>>
  /** Callers need no token. */
  readonly open?: true
}

export interface QueryParameter {
  readonly description: string
  readonly schema: Schema
}

export interface OperationAnswer {
  readonly description: string
  /** By media type; absent: no body. */
  readonly content?: Readonly<Record<string, Schema>>
}

export interface ApiParts {
  readonly title: string
  readonly description: string
  readonly version: string
  /** By path, with its parameters in braces, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  /** By name: `#/components/schemas/NAME`. */
  readonly schemas: Readonly<Record<string, Schema>>
}

export const refTo = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** An OpenAPI 3.1 document, as far as somebody here reads it. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly description: string; readonly version: string }
  readonly security: readonly unknown[]
  /** By path, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly components: Readonly<Record<string, unknown>>
}

export interface OperationObject {
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string }[]
  /** By status, and `default`. */
  readonly responses: Readonly<Record<string, ResponseObject>>
}

export interface ResponseObject {
  readonly description: string
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

export function openApiDocument({ title, description, version, paths, schemas }: ApiParts): OpenApiDocument {
  const described = Object.entries(paths).map(([path, operations]): [string, Record<string, OperationObject>] => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [method, operationObject(path, operation)])
    )
  ])
  return {
    openapi: '3.1.1',
    info: { title, description, version },
    security: [{}, { bearer: [] }],
    paths: Object.fromEntries(described),
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }
  }
}

function operationObject(path: string, operation: Operation): OperationObject {
  const { summary, description, query = {}, headers = {}, body, answers, problem = problemContent, open } = operation
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({ name, in: 'path', required: true, schema: text })),
    ...Object.entries(query).map(([name, parameter]) => ({ name, in: 'query', ...parameter })),
    ...Object.entries(headers).map(([name, told]) => ({ name, in: 'header', description: told, schema: text }))
  ]
  const responses = Object.entries(answers).map(
    ([status, { description: told, content }]): [string, ResponseObject] => [
      status,
      { description: told, ...(content && { content: contentObject(content) }) }
    ]
  )
  return {
    summary,
    ...(description !== undefined && { description }),
    ...(open === true && { security: [{}] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { content: contentObject(body) } }),
    responses: {
      ...Object.fromEntries(responses),
      default: { description: 'An error.', content: contentObject(problem) }
    }
  }
}

const text = { type: 'string' } as const

const problemContent = { 'application/problem+json': refTo('Problem') }

const contentObject = (content: Readonly<Record<string, Schema>>) =>
  Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]))
