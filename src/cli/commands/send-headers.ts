import { randomUUID } from 'node:crypto'
import { encodeHeaderValue } from '../../event/header-value.ts'

export interface SendHeaderOptions {
  /** Of the CloudEvent; `undefined`: a plain HTTP request. */
  readonly type: string | undefined
  /** Of the data. */
  readonly contentType: string | undefined
  readonly token: string | undefined
  /** Empty: nothing is preferred. */
  readonly prefer: string
  /** As they were given with -H; they replace ours of the same name. */
  readonly given: readonly Header[]
}

export type Header = readonly [name: string, value: string]

/** The headers of a call with this data. */
export function sendHeaders(
  data: Buffer | undefined,
  { type, contentType, token, prefer, given }: SendHeaderOptions
): Headers {
  const headers = new Headers(type === undefined ? {} : eventHeaders(type))
  if (data !== undefined) headers.set('content-type', contentType ?? 'application/octet-stream')
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  if (prefer !== '') headers.set('prefer', prefer)
  for (const [name] of given) headers.delete(name)
  for (const [name, value] of given) headers.append(name, value)
  return headers
}

const eventHeaders = (type: string): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': randomUUID(),
  'ce-source': 'sluice-cli',
  'ce-type': encodeHeaderValue(type)
})
