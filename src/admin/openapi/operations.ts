import { refTo, type Operation } from '../../http/openapi/document.ts'
import { pageOf } from '../../http/openapi/schemas.ts'
import { flag, one, page, text, told } from './operation-parts.ts'
import { resourceOperations } from './resource-operations.ts'

const letters = {
  pipeline: told('NAME or NAMESPACE/NAME.'),
  step: told('The name of the failing step.'),
  code: told('The error code.'),
  since: told('An RFC 3339 time, or milliseconds since the epoch.')
}

const from = told('Where it begins: at the failed step, or at the start.', { enum: ['step', 'start'] })

const plain = (description: string) => ({ description, content: { 'text/plain': text } })

/** The operations of probes, metrics and these pages, by `METHOD path`. */
const ownOperations: Readonly<Record<string, Operation>> = {
  'GET /livez': { summary: 'Whether the process serves', open: true, answers: { 200: plain('It does.') } },
  'GET /readyz': {
    summary: 'Whether requests can be taken',
    open: true,
    query: { verbose: told('Says what was looked at, and what the store guarantees.') },
    answers: { 200: plain('They can.'), 503: plain('What is missing.') }
  },
  'GET /metrics': { summary: 'The metrics, for Prometheus', answers: { 200: plain('The exposition.') } },
  'GET /openapi.json': { summary: 'This document', answers: { 200: one('OpenAPI 3.1.', { type: 'object' }) } },
  'GET /docs': {
    summary: 'This document, for a person',
    answers: { 200: { description: 'A page.', content: { 'text/html': text } } }
  }
}

/** Of stored requests, dead letters, replays and breakers. */
const requestOperations: Readonly<Record<string, Operation>> = {
  'GET /breakers': {
    summary: 'The circuit breakers of this replica',
    answers: { 200: one('All of them.', pageOf(refTo('Breaker'))) }
  },
  'GET /requests': {
    summary: 'Stored requests, newest first',
    query: { pipeline: letters.pipeline, status: told('The status that they have.'), ...page },
    answers: { 200: one('A page of them.', pageOf(refTo('RequestStatus'))) }
  },
  'GET /deadletters': {
    summary: 'What failed for good, oldest first',
    query: { ...letters, closed: flag('Also those that were replayed.'), ...page },
    answers: { 200: one('A page of them.', pageOf(refTo('DeadLetter'))) }
  },
  'GET /deadletters/:id': {
    summary: 'A dead letter, with its event and the input of the failed step',
    answers: { 200: one('The dead letter.', refTo('DeadLetter')) }
  },
  'DELETE /deadletters/:id': { summary: 'Removes a dead letter', answers: { 204: { description: 'It is gone.' } } },
  'POST /deadletters/:id/replay': {
    summary: 'Runs a dead letter again',
    query: { from },
    answers: { 202: one('The request that it is now.', refTo('Replayed')) }
  },
  'POST /deadletters/replay': {
    summary: 'Runs all dead letters again that match',
    query: { ...letters, from, rate: told('How many a second.', { type: 'integer', minimum: 1 }) },
    answers: { 202: one('The job that does it.', refTo('ReplayJob')) }
  },
  'GET /replays': {
    summary: 'The bulk replays that run, or have run',
    answers: { 200: one('All of them.', pageOf(refTo('ReplayJob'))) }
  },
  'GET /replays/:id': { summary: 'How far one is', answers: { 200: one('The job.', refTo('ReplayJob')) } },
  'DELETE /replays/:id': { summary: 'Stops one', answers: { 200: one('The job.', refTo('ReplayJob')) } },
  'POST /convert': {
    summary: 'Definitions as those of another kind',
    query: { to: told('The kind: ServingPipeline or Pipeline.') },
    answers: { 200: one('The definitions, and what the kind cannot express.', refTo('Converted')) }
  }
}

/** The work of each route of the admin plane, by `METHOD path` in Hono's form. */
export const adminOperations: Readonly<Record<string, Operation>> = {
  ...ownOperations,
  ...requestOperations,
  ...resourceOperations
}
