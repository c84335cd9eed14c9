import { refTo, type Operation } from '../../http/openapi/document.ts'
import { objectSchema, pageOf } from '../../http/openapi/schemas.ts'
import { resourceKinds, servingPipelines, type ResourceKind } from '../resource-kind.ts'
import { flag, one, page, told } from './operation-parts.ts'

const watch = {
  watch: flag('A line of JSON for each, then for each change.'),
  resourceVersion: told('Beside watch: changes only.')
}

const listed: Operation['answers'] = {
  200: {
    description: 'A page of them, or their changes.',
    content: { 'application/json': pageOf(refTo('Resource')), 'application/x-ndjson': refTo('Change') }
  }
}

const written = { 'application/json': { type: 'object' }, 'application/yaml': {} } as const
const version = { 'If-Match': 'The version that it was made from; if another is current, 409.' }
const dryRun = { dryRun: flag('Only looks whether it could.') }
const shown = (description: string) => one(description, { anyOf: [refTo('Resource'), objectSchema([], {})] })

const operationsOf = ({ allPath: all, namespacePath: some }: ResourceKind): Readonly<Record<string, Operation>> => ({
  [`GET ${all}`]: { summary: 'The pipelines of all namespaces', query: { ...page, ...watch }, answers: listed },
  [`GET ${some}`]: { summary: 'The pipelines of a namespace', query: { ...page, ...watch }, answers: listed },
  [`GET ${some}/:name`]: {
    summary: 'A pipeline, as it was written and how it does',
    query: watch,
    answers: {
      200: {
        description: 'The pipeline, or its changes.',
        content: { 'application/json': refTo('Resource'), 'application/x-ndjson': refTo('Change') }
      }
    }
  },
  [`GET ${some}/:name/status`]: {
    summary: 'How a pipeline does',
    answers: { 200: one('Its status.', refTo('ResourceStatus')) }
  },
  [`PUT ${some}/:name`]: {
    summary: 'Makes or replaces a pipeline',
    headers: version,
    query: dryRun,
    body: written,
    answers: { 200: shown('It is replaced.'), 201: shown('It is made.') }
  },
  [`PATCH ${some}/:name`]: {
    summary: 'Changes fields of a pipeline; null removes one',
    headers: version,
    query: dryRun,
    body: { 'application/merge-patch+json': { type: 'object' }, ...written },
    answers: { 200: shown('It is changed.') }
  },
  [`DELETE ${some}/:name`]: {
    summary: 'Deletes a pipeline when what is in flight has finished',
    headers: version,
    query: {
      force: flag('Although others need it.'),
      requests: told('What becomes of its stored requests.', { enum: ['keep', 'cancel'] })
    },
    answers: { 202: one('It is being deleted.', refTo('Resource')) }
  }
})

/** Of pipelines of every kind, by `METHOD path`. */
export const resourceOperations: Readonly<Record<string, Operation>> = {
  ...Object.assign({}, ...resourceKinds.map(operationsOf)),
  [`POST ${servingPipelines.onePath}/rollouts/:step`]: {
    summary: 'Gives the entry that is rolled out in a step its next share, or none, or its first',
    query: { do: told('What to do.', { enum: ['promote', 'abort', 'restart'] }) },
    answers: { 200: one('How far it is then.', objectSchema([], {})) }
  }
}
