/** Longer than any pipeline that answers while its caller waits. */
const timeoutMs = 300_000

/** What the gateway answered, whatever its status. */
export interface GatewayAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

/** POSTs to the gateway; throws an error for a person when no whole answer comes. */
export async function callGateway(url: string, headers: Headers, data: Buffer | undefined): Promise<GatewayAnswer> {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const body = data === undefined ? null : new Uint8Array(data)
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    return { url, status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
  } catch (cause) {
    throw new Error(callFault(new URL(url).origin, cause), { cause })
  }
}

function callFault(gateway: string, thrown: unknown): string {
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return `the gateway at ${gateway} did not answer in ${timeoutMs / 1000} s`
  }
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return `the gateway at ${gateway} cannot be reached (${reason}); start one with 'sluice run FILES', or name another with --gateway URL`
}
