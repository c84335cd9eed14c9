import { createHash } from 'node:crypto'
import { rootPath } from '../../pipeline/paths.ts'
import type { NewRequest } from '../record/new-request.ts'
import { encodeMark, encodeRequest } from '../record/record-codec.ts'
import { encodeName } from './key-name.ts'
import type { Argument } from './redis-connection.ts'

/** A request as the scripts that accept it read it: their arguments, see `accepting.ts`. */
export function encodeForAcceptance(request: NewRequest, lead: string): readonly Argument[] {
  const { marks, event } = request
  const frame = encodeRequest({ ...request, event: { attributes: event.attributes, data: undefined } })
  const held: Argument[] = []
  let holds = ''
  if (event.data !== undefined) {
    holds += 'd'
    held.push(event.data)
  }
  for (const [path, mark] of marks) {
    holds += path === rootPath ? 'p' : 'm'
    if (path !== rootPath) held.push(path)
    held.push(encodeMark(mark))
  }
  return [`${lead} ${holds} ${headOf(request)}`, frame, ...held]
}

/**
 * The fields that Redis must look at, in one argument: a script takes it apart for less than what a dozen would cost
 * both sides.
 */
function headOf(request: NewRequest): string {
  const { id, priority, orderKey, eventTime, ttlMs, fingerprint, deduplicationKeys, replayOf, maxQueued } = request
  const order = orderKey === undefined ? '' : digest(orderKey)
  const origin = replayOf === undefined ? '' : encodeName(replayOf)
  const digests = deduplicationKeys.map(digest).join(',')
  return `${encodeName(id)} ${priority} ${order} ${eventTime ?? ''} ${ttlMs} ${maxQueued} ${origin} ${encodeName(fingerprint)} ${digests}`
}

/** A part of a key that is short however long the text is. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
