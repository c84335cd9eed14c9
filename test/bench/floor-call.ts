import CircuitBreaker from 'opossum'
import { Pool } from 'undici'

export interface Message {
  readonly body: Uint8Array
  readonly contentType: string
}

export type Call = (message: Message) => Promise<Message>

/** A step call as one would write it by hand, with the parts that the gateway has: undici's pool, opossum. */
export function createCall(url: string): Call {
  const pool = new Pool(url, { connections: 128 })
  const post: Call = async ({ body, contentType }) => {
    const answer = await pool.request({ method: 'POST', path: '/', headers: { 'content-type': contentType }, body })
    if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`)
    return { body: await answer.body.bytes(), contentType: String(answer.headers['content-type']) }
  }
  const breaker = new CircuitBreaker(post, { timeout: false })
  return message => breaker.fire(message)
}
