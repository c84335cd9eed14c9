import type { Call } from './deliver.ts'
import type { AttributeValue, CloudEvent } from '../event/event.ts'

/** The attributes of a reply event that is made from a plain answer. */
export interface ReplyIdentity {
  readonly id: string
  readonly source: string
  readonly type: string
}

/** The parts of a call on which the identity of its reply depends. */
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
