import * as z from 'zod'
import { jsonAnswer, type Answer } from '../http/answer.ts'
import { expected } from '../pipeline/spec/expected.ts'
import { isMapping } from '../pipeline/spec/rule.ts'
import type { AdminRequest, AdminRoute } from './admin-route.ts'
import { flagParameter } from './parameters.ts'
import { readQuery } from './read-query.ts'
import { readText } from './read-text.ts'
import type { ResourceReads, ShownResource } from './resource-reads.ts'
import { resourceKinds, type ResourceKind } from './resource-kind.ts'
import { pipelineOf, resourceAnswer, unknownResource } from './resource-routes.ts'
import type { ResourceWrites } from './resource-writes.ts'

export interface ResourceChangeDeps {
  readonly resources: ResourceReads
  readonly changes: ResourceWrites
}

const writeQuery = z.strictObject({ dryRun: flagParameter.default(false) })
const removeQuery = z.strictObject({
  force: flagParameter.default(false),
  requests: z.enum(['keep', 'cancel'], { error: expected('keep or cancel') }).default('keep')
})

/** Definitions that are given to the gateway, and kept in its store. */
export const resourceChangeRoutes = (deps: ResourceChangeDeps): readonly AdminRoute[] =>
  resourceKinds.flatMap(({ kind, onePath: path }) => [
    { method: 'PUT', path, handle: request => putResource(request, kind, deps) },
    { method: 'PATCH', path, handle: request => patchResource(request, kind, deps) },
    { method: 'DELETE', path, handle: request => removeResource(request, kind, deps) }
  ])

type Kind = ResourceKind['kind']

async function putResource(
  request: AdminRequest,
  kind: Kind,
  { resources, changes }: ResourceChangeDeps
): Promise<Answer> {
  const { dryRun } = readQuery(writeQuery, request.query)
  const pipeline = pipelineOf(request)
  const { created } = await changes.put(pipeline, kind, await readText(request), versionOf(request), dryRun)
  return changedAnswer(created ? 201 : 200, pipeline, kind, resources)
}

async function patchResource(
  request: AdminRequest,
  kind: Kind,
  { resources, changes }: ResourceChangeDeps
): Promise<Answer> {
  const { dryRun } = readQuery(writeQuery, request.query)
  const pipeline = pipelineOf(request)
  await changes.patch(pipeline, kind, await readText(request), versionOf(request), dryRun)
  return changedAnswer(200, pipeline, kind, resources)
}

async function removeResource(
  request: AdminRequest,
  kind: Kind,
  { resources, changes }: ResourceChangeDeps
): Promise<Answer> {
  const { force, requests } = readQuery(removeQuery, request.query)
  const pipeline = pipelineOf(request)
  const before = await resources.get(pipeline, kind)
  await changes.remove(pipeline, kind, versionOf(request), { force, cancelling: requests === 'cancel' })
  const left = (await resources.get(pipeline, kind)) ?? (before && gone(before))
  if (left === undefined) throw unknownResource(pipeline)
  return jsonAnswer(202, left)
}

/** The last word on a definition that is gone already. */
const gone = (before: ShownResource): ShownResource => ({
  ...before,
  status: isMapping(before.status) ? { ...before.status, phase: 'Deleting' } : before.status
})

async function changedAnswer(status: number, pipeline: string, kind: Kind, resources: ResourceReads): Promise<Answer> {
  const resource = await resources.get(pipeline, kind)
  // A dry run of one that is not there, or it was deleted at once.
  return resource === undefined ? jsonAnswer(status, {}) : resourceAnswer(status, resource)
}

/** The versions in `If-Match`, without their quotes. */
function versionOf({ header }: AdminRequest): string | undefined {
  return header('if-match')
    ?.split(',')
    .map(tag => /^(?:W\/)?"(?<version>.*)"$/.exec(tag.trim())?.groups?.['version'] ?? tag.trim())
    .join()
}
