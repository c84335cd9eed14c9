import { createHash } from 'node:crypto'
import type { NewRequest } from '../ledger.ts'
import { encodeProgress, encodeRequest } from '../record-codec.ts'
import { encodeName } from './keys.ts'
import type { Argument } from './redis-connection.ts'

/** A request as the scripts that accept it read it: eleven arguments, in the order of `acceptance.ts`. */
export interface RequestFields {
  /** The frame within them, for the record of a request that is claimed at once. */
  readonly encoded: Uint8Array
  readonly progress: Uint8Array | undefined
  readonly args: readonly Argument[]
}

export function requestFields(request: NewRequest): RequestFields {
  const { id, priority, orderKey, eventTime, ttlMs, fingerprint, deduplicationKeys, replayOf, maxQueued } = request
  const encoded = encodeRequest(request)
  const progress = request.progress && encodeProgress(request.progress)
  const args = [
    encodeName(id),
    priority,
    orderKey === undefined ? '' : digest(orderKey),
    eventTime ?? '',
    ttlMs,
    fingerprint,
    deduplicationKeys.map(digest).join(' '),
    replayOf === undefined ? '' : encodeName(replayOf),
    encoded,
    progress ?? '',
    maxQueued
  ]
  return { encoded, progress, args }
}

/** A part of a key that is short however long the text is. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
