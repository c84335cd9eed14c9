import { refTo, type Schema } from '../../http/openapi/document.ts'
import { objectSchema } from '../../http/openapi/schemas.ts'

const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const
const time = { type: 'string', format: 'date-time' } as const

/** Schemas of documents that the admin plane alone answers with. */
export const adminSchemas: Readonly<Record<string, Schema>> = {
  DeadLetter: objectSchema(['id', 'pipeline', 'code', 'detail', 'attempts', 'deliveries', 'acceptedAt', 'steps'], {
    id: text,
    pipeline: text,
    generation: count,
    code: text,
    detail: text,
    step: text,
    path: text,
    attempts: count,
    deliveries: count,
    upstreamStatus: count,
    upstreamBody: text,
    upstreamBody_base64: text,
    failures: {
      type: 'array',
      items: objectSchema(['path', 'code', 'detail'], { path: text, code: text, detail: text })
    },
    acceptedAt: time,
    failedAt: time,
    traceId: text,
    steps: { type: 'array', items: refTo('StepStatus') },
    replayOf: text,
    replayedAs: text,
    closed: { type: 'boolean' },
    event: { description: 'The event that the request came with, in the JSON format of CloudEvents.' },
    input: { description: 'The event that the failing step got.' }
  }),
  ReplayJob: objectSchema(['id', 'status', 'from', 'rate', 'filter', 'replayed', 'skipped', 'refused', 'startedAt'], {
    id: text,
    status: text,
    from: { enum: ['step', 'start'] },
    rate: count,
    filter: { type: 'object' },
    total: count,
    replayed: count,
    skipped: count,
    refused: count,
    cursor: { type: ['string', 'null'] },
    startedAt: time,
    finishedAt: time
  }),
  Replayed: objectSchema(['id', 'status', 'replayOf', 'repeated', 'links'], {
    id: text,
    status: { const: 'accepted' },
    replayOf: text,
    repeated: { type: 'boolean' },
    links: refTo('RequestLinks')
  }),
  Converted: objectSchema(['items', 'notCarried'], {
    items: { type: 'array', items: { type: 'object' } },
    notCarried: {
      type: 'array',
      items: objectSchema(['pipeline', 'path', 'reason'], { pipeline: text, path: text, reason: text })
    }
  }),
  Breaker: objectSchema(['destination', 'state'], {
    worker: count,
    destination: text,
    state: { enum: ['closed', 'halfOpen', 'open'] }
  }),
  Resource: objectSchema(['apiVersion', 'kind', 'metadata', 'status'], {
    apiVersion: { const: 'sluice.dev/v1alpha1' },
    kind: text,
    metadata: objectSchema(['name', 'namespace', 'generation', 'resourceVersion', 'creationTimestamp'], {
      name: text,
      namespace: text,
      generation: count,
      resourceVersion: text,
      creationTimestamp: time
    }),
    spec: { type: 'object', description: 'As it was written; `sluice schema` prints its schema.' },
    status: refTo('ResourceStatus')
  }),
  ResourceStatus: objectSchema(['phase', 'conditions', 'observedGeneration', 'steps', 'inFlight', 'pending'], {
    phase: text,
    conditions: { type: 'array', items: refTo('Condition') },
    observedGeneration: count,
    generations: {
      type: 'array',
      items: objectSchema(['generation', 'open'], { generation: count, open: count })
    },
    steps: { type: 'array', items: { type: 'object' } },
    inFlight: count,
    pending: count,
    deadLetters: count,
    url: { ...text, description: 'Of a ServingPipeline: nobody calls the other kind.' },
    drainedOnPause: { type: 'boolean' },
    taken: { type: 'array', items: text }
  }),
  Condition: objectSchema(['type', 'status', 'reason', 'message', 'lastTransitionTime', 'observedGeneration'], {
    type: text,
    status: { enum: ['True', 'False'] },
    reason: text,
    message: text,
    lastTransitionTime: time,
    observedGeneration: count
  }),
  Change: objectSchema(['type', 'object'], {
    type: { enum: ['ADDED', 'MODIFIED', 'DELETED'] },
    object: refTo('Resource')
  })
}
