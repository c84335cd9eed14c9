import { encodeBinary } from './encode-binary.ts'
import { encodeStructured } from './encode-structured.ts'
import type { EncodedMessage } from './encoded-message.ts'
import type { CloudEvent } from './event.ts'
import { isCloudEventsMediaType } from './media-type.ts'

/**
 * The event in the mode that is wanted. One whose data is itself in a CloudEvents format always goes structured: its
 * content type would make a receiver of binary mode read the data as the event.
 */
export function encodeHttp(event: CloudEvent, mode: 'binary' | 'structured'): EncodedMessage {
  return mode === 'structured' || carriesEvent(event) ? encodeStructured(event) : encodeBinary(event)
}

function carriesEvent({ attributes }: CloudEvent): boolean {
  const contentType = attributes.get('datacontenttype')
  return typeof contentType === 'string' && isCloudEventsMediaType(contentType)
}
