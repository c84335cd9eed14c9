import { isUtf8 } from 'node:buffer'
import { asBuffer } from './as-buffer.ts'
import type { EncodedMessage } from './encoded-message.ts'
import type { CloudEvent } from './event.ts'
import { isJsonText } from './json-text.ts'
import { isJsonMediaType, isTextMediaType } from './media-type.ts'

/**
 * The event in the JSON format. JSON data stands in it octet by octet, text as a string, everything else as base64;
 * so does data without a media type, whose absence would otherwise mean JSON.
 */
export function encodeStructured(event: CloudEvent): EncodedMessage {
  return { headers: ['content-type', 'application/cloudevents+json; charset=utf-8'], body: bodyOf(event) }
}

function bodyOf({ attributes, data }: CloudEvent): Uint8Array {
  const isVersion03 = attributes.get('specversion') === '0.3'
  const members: string[] = []
  for (const [name, value] of attributes) {
    // In 0.3 it says how the data stands in the JSON, which is decided here.
    if (isVersion03 && name === 'datacontentencoding') continue
    members.push(`"${name}":${JSON.stringify(value)}`)
  }
  if (data === undefined) return Buffer.from(`{${members.join()}}`)
  const contentType = String(attributes.get('datacontenttype') ?? '')
  if (isJsonMediaType(contentType) && isJsonText(data)) {
    return Buffer.concat([Buffer.from(`{${members.join()},"data":`), data, closeBrace])
  }
  members.push(isTextMediaType(contentType) && isUtf8(data) ? textMember(data) : base64Member(data, isVersion03))
  return Buffer.from(`{${members.join()}}`)
}

const closeBrace = Buffer.from('}')

const textMember = (data: Uint8Array): string => `"data":${JSON.stringify(asBuffer(data).toString())}`

function base64Member(data: Uint8Array, isVersion03: boolean): string {
  const base64 = asBuffer(data).toString('base64')
  return isVersion03 ? `"datacontentencoding":"base64","data":"${base64}"` : `"data_base64":"${base64}"`
}
