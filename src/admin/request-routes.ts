import * as z from 'zod'
import type { Answer } from '../http/answer.ts'
import type { Records } from '../ledger/records.ts'
import { requestStatuses } from '../ledger/record/request-record.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import { type InFlightStates, requestKey } from '../mover/in-flight-states.ts'
import { requestDocument, type RequestView } from '../mover/request-view.ts'
import { expected } from '../pipeline/spec/expected.ts'
import type { AdminRequest, AdminRoute } from './admin-route.ts'
import { pageAnswer } from './page-answer.ts'
import { pageParameters, pipelineParameter } from './parameters.ts'
import { readQuery } from './read-query.ts'

export interface RequestRouteDeps {
  readonly records: () => Promise<Records>
  /** The pipeline as it is served here; `undefined`: it is not. */
  readonly servedOf: (pipeline: string) => RequestView['served']
  /** The reason why this replica begins no more requests of the pipeline; `undefined`: it does. */
  readonly holdOf: (pipeline: string) => Waiting | undefined
  /** The requests that run on this replica, in all of its processes, and how far they are. */
  readonly inFlight: () => InFlightStates | Promise<InFlightStates>
}

const listQuery = z.strictObject({
  pipeline: pipelineParameter.optional(),
  status: z.enum(requestStatuses, { error: expected(requestStatuses.join(', ')) }).optional(),
  ...pageParameters
})

/** `GET /requests`: stored requests, newest first; those that run on this replica with what they do now. */
export const requestRoutes = (deps: RequestRouteDeps): readonly AdminRoute[] => [
  { method: 'GET', path: '/requests', handle: request => listRequests(request, deps) }
]

async function listRequests({ query }: AdminRequest, deps: RequestRouteDeps): Promise<Answer> {
  const { pipeline, status, after, limit } = readQuery(listQuery, query)
  const records = await deps.records()
  const running = await deps.inFlight()
  const found = await records.list({ pipeline, status, after, limit: limit + 1 })
  return pageAnswer({ found, limit, idOf: ({ id }) => id }, record => {
    const here = running.get(requestKey(record))
    const view = { served: deps.servedOf(record.pipeline), hold: deps.holdOf(record.pipeline), live: here?.steps }
    return { ...requestDocument(record, view), inFlight: here?.state }
  })
}
