import * as z from 'zod'
import { jsonAnswer } from '../http/answer.ts'
import { expected } from '../pipeline/spec/expected.ts'
import type { AdminRoute } from './admin-route.ts'
import { readQuery } from './read-query.ts'
import type { ResourceReads } from './resource-reads.ts'
import { servingPipelines } from './resource-kind.ts'
import { pipelineOf, unknownResource } from './resource-routes.ts'

export interface RolloutRouteDeps {
  readonly resources: Pick<ResourceReads, 'get'>
  readonly rollouts: RolloutCommands
}

/** The wishes that a person may have of a rollout. */
export interface RolloutCommands {
  /** Answers how far the rollout is then. Throws NOT_FOUND, CONFLICT and STORE_UNAVAILABLE. */
  command(pipeline: string, step: string, command: 'promote' | 'abort' | 'restart'): Promise<object>
}

const query = z.strictObject({
  do: z.enum(['promote', 'abort', 'restart'], { error: expected('promote, abort or restart') })
})

/** The share of an entry of traffic that grows by itself: on, back, or anew. */
export const rolloutRoutes = ({ resources, rollouts }: RolloutRouteDeps): readonly AdminRoute[] => [
  {
    method: 'POST',
    path: `${servingPipelines.onePath}/rollouts/:step`,
    async handle(request) {
      const pipeline = pipelineOf(request)
      const { do: command } = readQuery(query, request.query)
      if ((await resources.get(pipeline, servingPipelines.kind)) === undefined) throw unknownResource(pipeline)
      return jsonAnswer(200, await rollouts.command(pipeline, request.param('step'), command))
    }
  }
]
