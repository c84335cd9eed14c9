import type { Call } from './deliver.ts'
import type { AttributeValue, CloudEvent } from '../event/event.ts'

/** What a reply event that is made from a plain answer says of itself. */
export interface ReplyIdentity {
  readonly id: string
  readonly source: string
  readonly type: string
}

/** What the identity of a reply depends on, of the call that asked for it. */
export type Asker = Pick<Call, 'requestId' | 'original'>

/** These describe the input's data or the input itself; its subject, partition key and extensions are carried on. */
const notCarried = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'datacontenttype',
  'dataschema',
  'schemaurl',
  'causationid'
])

/** The reply event that stands for an answer without one. `input` is the event that the step got. */
export function replyEvent(
  input: CloudEvent,
  { id, source, type }: ReplyIdentity,
  contentType: string | undefined,
  data: Uint8Array
): CloudEvent {
  const attributes = new Map<string, AttributeValue>()
  attributes.set('specversion', '1.0').set('id', id).set('source', source).set('type', type)
  if (contentType !== undefined) attributes.set('datacontenttype', contentType)
  const cause = input.attributes.get('id')
  if (cause !== undefined) attributes.set('causationid', cause)
  for (const [name, value] of input.attributes) if (!notCarried.has(name)) attributes.set(name, value)
  return { attributes, data }
}
