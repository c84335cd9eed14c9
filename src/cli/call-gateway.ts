/** Longer than the gateway lets a caller wait. */
const timeoutMs = 660_000

/** The answer of the gateway, whatever its status. */
export interface GatewayAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

export interface GatewayCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Headers
  readonly data: Buffer | undefined
  /** The option that names where it goes. */
  readonly namedBy: '--gateway' | '--admin'
}

/** Calls the gateway; throws an error for a person when no whole answer comes. */
export async function callGateway({ method, url, headers, data, namedBy }: GatewayCall): Promise<GatewayAnswer> {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const body = data === undefined ? null : new Uint8Array(data)
    const response = await fetch(url, { method, headers, body, redirect: 'manual', signal })
    return { url, status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
  } catch (cause) {
    throw unreachable(url, namedBy, cause)
  }
}

/** The message for a person when there was no answer. */
export function unreachable(url: string, namedBy: GatewayCall['namedBy'], thrown: unknown): Error {
  const gateway = new URL(url).origin
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new Error(`the gateway at ${gateway} did not answer in ${timeoutMs / 1000} s`, { cause: thrown })
  }
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  const advice = `start one with 'sluice run FILES', or name another with ${namedBy} URL`
  return new Error(`the gateway at ${gateway} cannot be reached (${reason}); ${advice}`, { cause: thrown })
}
