import type { CloudEvent } from '../event/event.ts'
import { encodeStructured } from '../event/encode-structured.ts'

/** A reply as the data of a server-sent event: the CloudEvent in the JSON format, with its data, or `data_base64`. */
export const replyText = (event: CloudEvent): string => Buffer.from(encodeStructured(event).body ?? '').toString()
