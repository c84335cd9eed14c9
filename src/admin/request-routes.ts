import * as z from 'zod'
import type { Answer } from '../http/answer.ts'
import type { Records } from '../ledger/records.ts'
import { requestStatuses } from '../ledger/record/request-record.ts'
import { statusDocument } from '../ledger/record/status-document.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import { type InFlightStates, requestKey } from '../mover/in-flight-states.ts'
import { expected } from '../pipeline/spec/expected.ts'
import type { AdminRequest, AdminRoute } from './admin-route.ts'
import { pageAnswer } from './page-answer.ts'
import { pageParameters, pipelineParameter } from './parameters.ts'
import { readQuery } from './read-query.ts'

export interface RequestRouteDeps {
  readonly records: () => Promise<Records>
  /** The name of the pipeline's first step; `undefined`: the pipeline is not served here. */
  readonly firstStepOf: (pipeline: string) => string | undefined
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
  const found = await (await deps.records()).list({ pipeline, status, after, limit: limit + 1 })
  const states = await deps.inFlight()
  return pageAnswer({ found, limit, idOf: ({ id }) => id }, record => ({
    ...statusDocument(record, deps.firstStepOf(record.pipeline), deps.holdOf(record.pipeline)),
    inFlight: states.get(requestKey(record))
  }))
}
