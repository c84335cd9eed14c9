import { createHash } from 'node:crypto'
import type { Call } from '../delivery/deliver.ts'
import { attribute } from '../event/event.ts'

/**
 * The id of the event that is made from what a step answered. A request that came as an event may be delivered again,
 * as another request: its replies have the same ids all the same. `source`: that of events which the ingress makes.
 */
export function replyId(asker: Pick<Call, 'requestId' | 'original'>, source: string, dottedPath: string): string {
  // Joined: in one piece from the start, as what goes into JSON should be.
  return [requestBase(asker, source), dottedPath].join('.')
}

/** Names what a request is about: its id, or a digest of its event's source and id where it came as an event. */
export function requestBase({ requestId, original }: Pick<Call, 'requestId' | 'original'>, source: string): string {
  const { attributes } = original
  const isPlain = attributes.get('source') === source && attributes.get('type') === 'dev.sluice.request'
  return isPlain ? requestId : digest(attribute(original, 'source'), attribute(original, 'id'))
}

const digest = (...named: readonly (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 32)
