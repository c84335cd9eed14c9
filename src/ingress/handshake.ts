import type { Answer } from '../http/answer.ts'
import type { RequestHeaders } from './request-headers.ts'

/** The CloudEvents webhook validation (http-webhook section 4): whoever asks may send, as fast as the limits let. */
export function handshakeAnswer(headers: RequestHeaders): Answer {
  const origin = headers.get('webhook-request-origin')
  const allowed = origin === undefined ? [] : ['webhook-allowed-origin', origin, 'webhook-allowed-rate', '*']
  return { status: 200, headers: ['allow', 'POST, OPTIONS', ...allowed], body: undefined }
}
