import { createHash } from 'node:crypto'
import type { NewRequest } from '../ledger.ts'
import { encodeProgress, encodeRequest } from '../record-codec.ts'
import { encodeName } from './key-name.ts'
import type { Argument } from './redis-connection.ts'

/** A request as the scripts that accept it read it. */
export interface EncodedRequest {
  readonly id: string
  readonly pipeline: string
  /** The frame of what never changes. */
  readonly content: Uint8Array
  readonly progress: Uint8Array | undefined
  /** In the order of `accepting.ts`. */
  readonly args: readonly Argument[]
}

export function encodeForAcceptance(request: NewRequest): EncodedRequest {
  const { id, pipeline, priority, orderKey, eventTime, ttlMs, fingerprint, replayOf, maxQueued } = request
  const content = encodeRequest(request)
  const progress = request.progress && encodeProgress(request.progress)
  const args = [
    encodeName(id),
    priority,
    orderKey === undefined ? '' : digest(orderKey),
    eventTime ?? '',
    ttlMs,
    fingerprint,
    request.deduplicationKeys.map(digest).join(' '),
    replayOf === undefined ? '' : encodeName(replayOf),
    content,
    progress ?? '',
    maxQueued
  ]
  return { id, pipeline, content, progress, args }
}

/** A part of a key that is short however long the text is. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
