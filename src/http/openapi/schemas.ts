import { errorKinds } from '../../errors.ts'
import { refTo, type Schema } from './document.ts'

const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const
const time = { type: 'string', format: 'date-time' } as const

export const objectSchema = (required: readonly string[], properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  required,
  properties
})

/** Schemas of documents that both planes answer with. */
export const sharedSchemas: Readonly<Record<string, Schema>> = {
  Problem: objectSchema(['type', 'title', 'status', 'detail', 'instance', 'code'], {
    type: text,
    title: text,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: text,
    instance: text,
    code: { enum: Object.keys(errorKinds) },
    pipeline: { type: 'string', description: 'namespace/name' },
    step: text,
    path: { type: 'string', description: 'Where the step stands: names from the root, joined by /.' },
    attempts: count,
    upstreamStatus: count,
    upstreamBody: text,
    faults: {
      type: 'array',
      items: { anyOf: [text, objectSchema(['pointer', 'message'], { pointer: text, message: text })] }
    },
    requestId: text,
    traceId: text
  }),
  RequestStatus: objectSchema(['id', 'pipeline', 'status', 'deliveries', 'acceptedAt', 'steps', 'links'], {
    id: text,
    pipeline: text,
    generation: count,
    status: { enum: ['accepted', 'running', 'replied', 'filtered', 'failed', 'cancelled'] },
    step: text,
    path: text,
    waiting: refTo('Waiting'),
    deliveries: count,
    acceptedAt: time,
    finishedAt: time,
    error: refTo('StepError'),
    steps: { type: 'array', items: refTo('StepStatus') },
    replayOf: text,
    links: refTo('RequestLinks')
  }),
  StepStatus: objectSchema(['name', 'path', 'status', 'attempts'], {
    name: text,
    path: text,
    status: { enum: ['running', 'held', 'replied', 'passed', 'filtered', 'skipped', 'failed', 'aborted'] },
    attempts: count,
    startedAt: time,
    finishedAt: time,
    waiting: refTo('Waiting'),
    error: refTo('StepFailure')
  }),
  StepFailure: objectSchema(['path', 'code', 'detail'], {
    path: text,
    code: text,
    detail: text,
    upstreamStatus: count,
    upstreamBody: text
  }),
  Waiting: objectSchema(['reason', 'since'], { reason: text, since: time, until: time, lastError: refTo('StepError') }),
  StepError: objectSchema(['code', 'detail', 'attempts'], {
    code: text,
    detail: text,
    step: text,
    path: text,
    attempts: count,
    upstreamStatus: count,
    upstreamBody: text
  }),
  RequestLinks: objectSchema(['self', 'reply', 'events'], { self: text, reply: text, events: text }),
  ServedPipeline: objectSchema(['namespace', 'name', 'url', 'steps'], {
    namespace: text,
    name: text,
    url: text,
    steps: { type: 'array', items: text }
  })
}

/** `{items, next}`: `next` is given back as `after`, and null at the end. */
export const pageOf = (item: Schema): Schema =>
  objectSchema(['items', 'next'], { items: { type: 'array', items: item }, next: { type: ['string', 'null'] } })
