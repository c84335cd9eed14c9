import * as z from 'zod'
import { SluiceError } from '../errors.ts'
import { jsonAnswer, type Answer } from '../http/answer.ts'
import { expected } from '../pipeline/spec/expected.ts'
import type { AdminRequest, AdminRoute } from './admin-route.ts'
import { flagParameter } from './parameters.ts'
import { readQuery } from './read-query.ts'
import type { ResourceReads } from './resource-reads.ts'
import { onePath, pipelineOf, resourceAnswer, unknownResource } from './resource-routes.ts'
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
export const resourceChangeRoutes = (deps: ResourceChangeDeps): readonly AdminRoute[] => [
  { method: 'PUT', path: onePath, handle: request => putResource(request, deps) },
  { method: 'PATCH', path: onePath, handle: request => patchResource(request, deps) },
  { method: 'DELETE', path: onePath, handle: request => removeResource(request, deps) }
]

async function putResource(request: AdminRequest, { resources, changes }: ResourceChangeDeps): Promise<Answer> {
  const { dryRun } = readQuery(writeQuery, request.query)
  const pipeline = pipelineOf(request)
  const { created } = await changes.put(pipeline, await textOf(request), versionOf(request), dryRun)
  return changedAnswer(created ? 201 : 200, pipeline, resources)
}

async function patchResource(request: AdminRequest, { resources, changes }: ResourceChangeDeps): Promise<Answer> {
  const { dryRun } = readQuery(writeQuery, request.query)
  const pipeline = pipelineOf(request)
  await changes.patch(pipeline, await textOf(request), versionOf(request), dryRun)
  return changedAnswer(200, pipeline, resources)
}

async function removeResource(request: AdminRequest, { resources, changes }: ResourceChangeDeps): Promise<Answer> {
  const { force, requests } = readQuery(removeQuery, request.query)
  const pipeline = pipelineOf(request)
  const before = await resources.get(pipeline)
  await changes.remove(pipeline, versionOf(request), { force, cancelling: requests === 'cancel' })
  const left = (await resources.get(pipeline)) ?? before
  if (left === undefined) throw unknownResource(pipeline)
  return jsonAnswer(202, left)
}

async function changedAnswer(status: number, pipeline: string, resources: ResourceReads): Promise<Answer> {
  const resource = await resources.get(pipeline)
  // A dry run of one that is not there, or it was deleted at once.
  return resource === undefined ? jsonAnswer(status, {}) : resourceAnswer(status, resource)
}

/** To be called in the turn in which the request came. */
async function textOf(request: AdminRequest): Promise<string> {
  const body = await request.body()
  if (body === undefined) throw new SluiceError('INVALID_REQUEST', 'the body broke off')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new SluiceError('INVALID_REQUEST', 'the body must be UTF-8')
  }
}

/** The version in `If-Match`, without its quotes. */
function versionOf({ header }: AdminRequest): string | undefined {
  const value = header('if-match')?.trim()
  return value === undefined ? undefined : (/^(?:W\/)?"(?<version>.*)"$/.exec(value)?.groups?.['version'] ?? value)
}
