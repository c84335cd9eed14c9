import { jsonAnswer, type Answer } from '../http/answer.ts'
import { openApiDocument, refTo, type Operation, type Schema } from '../http/openapi/document.ts'
import { objectSchema, pageOf, sharedSchemas } from '../http/openapi/schemas.ts'
import type { Plan } from '../pipeline/plan.ts'
import { version } from '../telemetry/version.ts'

/** `GET /openapi.json`: how the pipelines are called that the caller may call, with their contracts. */
export const openApiAnswer = (plans: readonly Plan[]): Answer =>
  jsonAnswer(
    200,
    openApiDocument({
      title: 'Sluice',
      description: 'The pipelines of a Sluice gateway: POST to one, and get the answer.',
      version,
      paths: { ...Object.fromEntries(plans.map(plan => [plan.source, pipelineOperations(plan)])), ...commonPaths },
      schemas: { ...sharedSchemas, ...ingressSchemas }
    })
  )

const text = { type: 'string' } as const

const ingressSchemas: Readonly<Record<string, Schema>> = {
  Accepted: objectSchema(['id', 'status', 'links'], {
    id: text,
    status: text,
    links: refTo('RequestLinks')
  }),
  AcceptedBatch: objectSchema(['items'], { items: { type: 'array', items: refTo('Accepted') } }),
  InferenceError: objectSchema(['error'], { error: text })
}

const anything = { '*/*': {} } as const
const json = (schema: Schema) => ({ 'application/json': schema })

const preferences = {
  Prefer: '`respond-async`: 202 as soon as it is accepted; `wait=N`: the reply, if it comes in so many seconds.',
  'Idempotency-Key': 'Equal keys are one request.'
}

function pipelineOperations({ pipeline, contract }: Plan): Readonly<Record<string, Operation>> {
  const schemaOf = (side: 'input' | 'output') => {
    const schema = contract?.[side][0]?.schema
    return schema === undefined ? anything : { 'application/json': apart(schema, `${pipeline}/${side}`) }
  }
  return {
    post: {
      summary: `Runs ${pipeline}`,
      description: 'Plain HTTP, or a CloudEvent in binary or structured mode.',
      headers: preferences,
      body: {
        ...schemaOf('input'),
        'application/cloudevents+json': { type: 'object' },
        'application/cloudevents-batch+json': { type: 'array' }
      },
      answers: {
        200: { description: 'The reply.', content: schemaOf('output') },
        202: { description: 'Accepted.', content: json({ anyOf: [refTo('Accepted'), refTo('AcceptedBatch')] }) },
        204: { description: 'Filtered: there is no reply.' }
      }
    },
    options: { summary: 'The handshake of CloudEvents webhooks', answers: { 200: { description: 'It is allowed.' } } }
  }
}

/** A contract is a document of its own: what refers to its root means that, and not this document. */
function apart(schema: unknown, name: string): Schema {
  if (typeof schema !== 'object' || schema === null) return schema === true
  return { $id: `https://sluice.dev/contracts/${name}`, ...schema }
}

const request = '/{namespace}/{pipeline}/requests/{id}'

const commonPaths: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/': {
    get: {
      summary: 'The pipelines that the caller may call',
      answers: {
        200: { description: 'All of them.', content: { ...json(pageOf(refTo('ServedPipeline'))), 'text/plain': text } }
      }
    }
  },
  '/openapi.json': {
    get: {
      summary: 'This document',
      answers: { 200: { description: 'OpenAPI 3.1.', content: json({ type: 'object' }) } }
    }
  },
  [request]: {
    get: {
      summary: 'The status of a stored request',
      headers: { Prefer: '`wait=N`: once it has ended, or after so many seconds.' },
      answers: { 200: { description: 'Its status.', content: json(refTo('RequestStatus')) } }
    },
    delete: {
      summary: 'Cancels a stored request',
      answers: { 200: { description: 'Its status.', content: json(refTo('RequestStatus')) } }
    }
  },
  [`${request}/reply`]: {
    get: {
      summary: 'The reply of a stored request',
      answers: {
        200: { description: 'The reply.', content: anything },
        202: {
          description: 'It has not ended.',
          content: json(objectSchema(['id', 'status'], { id: text, status: text }))
        },
        204: { description: 'It was filtered: there is no reply.' }
      }
    }
  },
  [`${request}/events`]: {
    get: {
      summary: 'The changes of a stored request, as they come',
      headers: { 'Last-Event-ID': 'What was seen last.' },
      answers: {
        200: { description: 'Server-sent events.', content: { 'text/event-stream': text } },
        204: { description: 'There is nothing more to tell.' }
      }
    }
  },
  ...openInferencePaths()
}

/** The same pipelines by the Open Inference Protocol. */
function openInferencePaths(): Readonly<Record<string, Readonly<Record<string, Operation>>>> {
  const problem = { ...json(refTo('InferenceError')), 'application/problem+json': refTo('Problem') }
  const healthy = { 200: { description: 'Yes.', content: anything } }
  return {
    '/v2/health/live': { get: { summary: 'Whether the gateway lives', open: true, answers: healthy } },
    '/v2/health/ready': { get: { summary: 'Whether the gateway serves', open: true, answers: healthy } },
    '/v2/models/{pipeline}/ready': { get: { summary: 'Whether a pipeline serves', answers: healthy } },
    '/v2/models/{pipeline}/infer': {
      post: {
        summary: 'Runs a pipeline of the namespace default',
        body: json({ type: 'object' }),
        problem,
        answers: {
          200: { description: 'The reply.', content: anything },
          202: { description: 'Accepted.', content: json(refTo('Accepted')) },
          204: { description: 'Filtered: there is no reply.' }
        }
      }
    }
  }
}
