import { isUtf8 } from 'node:buffer'
import type { EncodedMessage } from './encoded-message.ts'
import type { CloudEvent } from './event.ts'
import { isJsonMediaType } from './media-type.ts'

const headers = ['content-type', 'application/cloudevents+json; charset=utf-8']

/**
 * The event in the JSON format. JSON data stands in it octet by octet, text as a string, everything else as base64;
 * so does data without a media type, whose absence would otherwise mean JSON.
 */
export function encodeStructured({ attributes, data }: CloudEvent): EncodedMessage {
  const members = JSON.stringify(Object.fromEntries(attributes))
  if (data === undefined) return { headers: [...headers], body: Buffer.from(members) }
  const open = Buffer.from(`${members.slice(0, -1)},`)
  const contentType = String(attributes.get('datacontenttype') ?? '')
  return { headers: [...headers], body: Buffer.concat([open, ...dataMember(contentType, data), Buffer.from('}')]) }
}

function dataMember(contentType: string, data: Uint8Array): Uint8Array[] {
  if (isJsonMediaType(contentType)) {
    if (isJsonText(data)) return [Buffer.from('"data":'), data]
  } else if (/^text\//i.test(contentType) && isUtf8(data)) {
    return [Buffer.from(`"data":${JSON.stringify(Buffer.from(data).toString())}`)]
  }
  return [Buffer.from(`"data_base64":"${Buffer.from(data).toString('base64')}"`)]
}

/** Strict: what a parser would have to repair is carried as base64 instead. White space around counts as a repair. */
function isJsonText(data: Uint8Array): boolean {
  if (!isUtf8(data) || isSpace(data[0]) || isSpace(data.at(-1))) return false
  try {
    JSON.parse(Buffer.from(data).toString())
    return true
  } catch {
    return false
  }
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
