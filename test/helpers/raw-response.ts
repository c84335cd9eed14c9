import { readHttpBody, readHttpHead, type HttpHead } from './http-message.ts'

export interface RawResponse {
  /** 0 when the server closed the connection without a whole answer. */
  readonly status: number
  readonly headers: HttpHead['headers']
  readonly body: Buffer
  /** The body as text. */
  readonly text: string
  /** Every byte of the answer, the interim ones (`100 Continue`) included. */
  readonly bytes: Buffer
  /** The statuses of the interim answers before it. */
  readonly interim: readonly number[]
  /** Whether the server closed the connection; certain when the answer announced it, else it may still come. */
  readonly closed: boolean
}

/**
 * The first response in the bytes (not one to HEAD); `undefined` while some of it, or the end of the connection
 * that it announces, is missing. `ended`: nothing more will come.
 */
export function readRawResponse(bytes: Buffer, ended: boolean): RawResponse | undefined {
  const interim: number[] = []
  for (let at = 0; ;) {
    const head = readHttpHead(bytes.subarray(at))
    if (head === undefined) return undefined
    at += head.length
    const status = Number(head.startLine.split(' ')[1])
    if (status < 200 && status !== 101) {
      interim.push(status)
      continue
    }
    const body = readBody(status, head, bytes.subarray(at), ended)
    if (body === undefined || (head.headers['connection']?.toLowerCase() === 'close' && !ended)) return undefined
    const length = at + body.length
    const { content } = body
    return {
      status,
      headers: head.headers,
      body: content,
      text: content.toString(),
      bytes: bytes.subarray(0, length),
      interim,
      closed: ended
    }
  }
}

/** The part that came of an answer which the server broke off. */
export function brokenResponse(bytes: Buffer): RawResponse {
  return { status: 0, headers: {}, body: Buffer.alloc(0), text: '', bytes, interim: [], closed: true }
}

const bodilessStatus = new Set([101, 204, 304])

function readBody(status: number, { headers }: HttpHead, rest: Buffer, ended: boolean) {
  if (bodilessStatus.has(status)) return { content: rest.subarray(0, 0), length: 0 }
  const body = readHttpBody(rest, headers)
  if (body === 'incomplete') return undefined
  if (body !== 'unframed') return body
  return ended ? { content: rest, length: rest.length } : undefined
}
