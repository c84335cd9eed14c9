import * as z from 'zod'
import { SluiceError } from '../errors.ts'
import { jsonAnswer, type Answer } from '../http/answer.ts'
import type { StreamedAnswer } from '../http/stream-answer.ts'
import type { AdminAnswer, AdminRequest, AdminRoute } from './admin-route.ts'
import { pageAnswer } from './page-answer.ts'
import { flagParameter, pageParameters } from './parameters.ts'
import { readQuery } from './read-query.ts'
import { resourceKinds, type ResourceKind } from './resource-kind.ts'
import type { ResourceReads, ShownFilter, ShownResource } from './resource-reads.ts'

export interface ResourceRouteDeps {
  readonly resources: ResourceReads
  /** How long a watch may be silent, in milliseconds. */
  readonly quietMs?: number
}

const usualQuietMs = 15_000

const watchParameters = { watch: flagParameter.default(false), resourceVersion: z.string().optional() }
const listQuery = z.strictObject({ ...pageParameters, ...watchParameters })
const oneQuery = z.strictObject(watchParameters)

/** Pipelines as they were written, and how they do. */
export const resourceRoutes = (deps: ResourceRouteDeps): readonly AdminRoute[] =>
  resourceKinds.flatMap(of => routesOf(of, deps))

const routesOf = (of: ResourceKind, deps: ResourceRouteDeps): readonly AdminRoute[] => [
  { method: 'GET', path: of.allPath, handle: request => listResources(request, of, {}, deps) },
  {
    method: 'GET',
    path: of.namespacePath,
    handle: request => listResources(request, of, { namespace: request.param('namespace') }, deps)
  },
  { method: 'GET', path: of.onePath, handle: request => showResource(request, of, deps) },
  { method: 'GET', path: `${of.onePath}/status`, handle: request => showStatus(request, of, deps) }
]

async function listResources(
  request: AdminRequest,
  { kind }: ResourceKind,
  place: Omit<ShownFilter, 'kind'>,
  deps: ResourceRouteDeps
): Promise<AdminAnswer> {
  const filter = { ...place, kind }
  const { watch, resourceVersion, after, limit } = readQuery(listQuery, request.query)
  if (watch) return watchAnswer(request, filter, resourceVersion, deps)
  const found = await deps.resources.list(filter, after, limit + 1)
  return pageAnswer({ found, limit, idOf: ({ metadata: { namespace, name } }) => `${namespace}/${name}` }, each => each)
}

async function showResource(request: AdminRequest, of: ResourceKind, deps: ResourceRouteDeps): Promise<AdminAnswer> {
  const { watch, resourceVersion } = readQuery(oneQuery, request.query)
  const filter = { kind: of.kind, namespace: request.param('namespace'), name: request.param('name') }
  if (watch) return watchAnswer(request, filter, resourceVersion, deps)
  return resourceAnswer(200, await findResource(request, of, deps))
}

async function showStatus(request: AdminRequest, of: ResourceKind, deps: ResourceRouteDeps): Promise<Answer> {
  return jsonAnswer(200, (await findResource(request, of, deps)).status)
}

/** The resource, with its version for who wants to change it. */
export const resourceAnswer = (status: number, resource: ShownResource): Answer =>
  jsonAnswer(status, resource, ['etag', `"${resource.metadata.resourceVersion}"`])

/** `namespace/name` in the path. */
export const pipelineOf = ({ param }: AdminRequest): string => `${param('namespace')}/${param('name')}`

async function findResource(
  request: AdminRequest,
  { kind }: ResourceKind,
  { resources }: ResourceRouteDeps
): Promise<ShownResource> {
  const found = await resources.get(pipelineOf(request), kind)
  if (found === undefined) throw unknownResource(pipelineOf(request))
  return found
}

export const unknownResource = (pipeline: string): SluiceError =>
  new SluiceError('PIPELINE_NOT_FOUND', `there is no pipeline "${pipeline}"`, { facts: { pipeline } })

/** A line for each change, until the caller goes. */
function watchAnswer(
  { gone }: AdminRequest,
  filter: ShownFilter,
  resourceVersion: string | undefined,
  { resources, quietMs = usualQuietMs }: ResourceRouteDeps
): StreamedAnswer {
  const options = { changesOnly: resourceVersion !== undefined, quietMs, signal: gone() }
  return {
    status: 200,
    headers: ['content-type', 'application/x-ndjson', 'cache-control', 'no-store'],
    chunks: linesOf(resources.watch(filter, options))
  }
}

async function* linesOf(changes: ReturnType<ResourceReads['watch']>): AsyncGenerator<string> {
  for await (const change of changes) yield change === undefined ? '\n' : `${JSON.stringify(change)}\n`
}
