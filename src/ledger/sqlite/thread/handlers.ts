import { accept } from './accept.ts'
import { claim, claimable, claimThese, renew } from './claim.ts'
import { countDeadLetters, listDeadLetters, readDeadLetter, removeDeadLetter, replay } from './dead-letters.ts'
import { addDocument, getDocument, listDocuments, putDocument, removeDocument } from './documents.ts'
import { elect } from './elect.ts'
import { sweep } from './expire.ts'
import type { Operation, OperationName, Operations } from '../operations.ts'
import { list, pending, pipelines, read } from './queries.ts'
import type { Session } from './session.ts'
import { cancel, checkpoint, release, settle, tell } from './settle.ts'
import { shrink, trim } from './shrink.ts'
import { appendPiece, readPieces } from './streams.ts'

type Handlers<Names extends OperationName> = {
  readonly [Name in Names]: (session: Session, input: Operations[Name][0]) => Operations[Name][1]
}

const writes = {
  accept,
  claim,
  claimThese,
  renew,
  checkpoint,
  appendPiece,
  settle,
  tell,
  release,
  cancel,
  sweep,
  shrink,
  replay,
  removeDeadLetter,
  putDocument,
  addDocument,
  removeDocument
} satisfies Partial<Handlers<OperationName>>

const reads = {
  trim,
  read,
  readPieces,
  list,
  claimable,
  pipelines,
  pending,
  elect,
  listDeadLetters,
  readDeadLetter,
  countDeadLetters,
  getDocument,
  listDocuments
} satisfies Partial<Handlers<OperationName>>

const handlers: Handlers<OperationName> = { ...writes, ...reads }

/** Whether the operation must be in a transaction. */
export const isWrite = ({ name }: Operation): boolean => Object.hasOwn(writes, name)

/** Does one operation. */
export function handle<Name extends OperationName>(
  session: Session,
  name: Name,
  input: Operations[Name][0]
): Operations[Name][1] {
  return handlers[name](session, input)
}
