import { SluiceError } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import type { DeadLetters } from '../ledger/dead-letters.ts'
import type { AdminRequest, AdminRoute } from './admin-route.ts'
import { deadLetterDocument, deadLetterText } from './dead-letter-document.ts'
import { listQuery } from './dead-letter-query.ts'
import { pageAnswer } from './page-answer.ts'
import { readQuery } from './read-query.ts'

export interface DeadLetterRouteDeps {
  readonly deadLetters: () => Promise<DeadLetters>
}

/** `/deadletters` and `/deadletters/{id}`: what failed for good. */
export const deadLetterRoutes = (deps: DeadLetterRouteDeps): readonly AdminRoute[] => [
  { method: 'GET', path: '/deadletters', handle: request => listDeadLetters(request, deps) },
  { method: 'GET', path: '/deadletters/:id', handle: request => showDeadLetter(request, deps) },
  { method: 'DELETE', path: '/deadletters/:id', handle: request => removeDeadLetter(request, deps) }
]

async function listDeadLetters({ query }: AdminRequest, { deadLetters }: DeadLetterRouteDeps): Promise<Answer> {
  const { limit, pipeline, step, code, since, closed, after } = readQuery(listQuery, query)
  const found = await (await deadLetters()).list({ pipeline, step, code, since, closed, after, limit: limit + 1 })
  return pageAnswer({ found, limit, idOf: ({ record }) => record.id }, deadLetterDocument)
}

async function showDeadLetter({ param }: AdminRequest, { deadLetters }: DeadLetterRouteDeps): Promise<Answer> {
  const letter = await (await deadLetters()).read(param('id'))
  if (letter === undefined) throw unknownDeadLetter(param('id'))
  return { status: 200, headers: ['content-type', 'application/json'], body: deadLetterText(letter) }
}

async function removeDeadLetter({ param }: AdminRequest, { deadLetters }: DeadLetterRouteDeps): Promise<Answer> {
  if (!(await (await deadLetters()).remove(param('id')))) throw unknownDeadLetter(param('id'))
  return { status: 204, headers: [], body: undefined }
}

/** The refusal for an id that is not one of a dead letter, or not any more. */
export const unknownDeadLetter = (id: string): SluiceError =>
  new SluiceError('REQUEST_NOT_FOUND', `there is no dead letter "${id}"`)
