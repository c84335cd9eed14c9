import { createHash } from 'node:crypto'
import type { NewRequest } from '../ledger.ts'
import { encodeProgress, encodeRequest } from '../record-codec.ts'
import { encodeName } from './key-name.ts'
import type { Argument } from './redis-connection.ts'

/** A request as the scripts that accept it read it: their arguments, in the order of `accepting.ts`. */
export function encodeForAcceptance(request: NewRequest): readonly Argument[] {
  const { id, priority, orderKey, eventTime, ttlMs, fingerprint, deduplicationKeys, replayOf, maxQueued } = request
  return [
    encodeName(id),
    priority,
    orderKey === undefined ? '' : digest(orderKey),
    eventTime ?? '',
    ttlMs,
    fingerprint,
    deduplicationKeys.map(digest).join(' '),
    replayOf === undefined ? '' : encodeName(replayOf),
    encodeRequest(request),
    request.progress === undefined ? '' : encodeProgress(request.progress),
    maxQueued
  ]
}

/** A part of a key that is short however long the text is. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
