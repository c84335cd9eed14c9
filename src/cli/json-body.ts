import type { GatewayAnswer } from './call-gateway.ts'

/** The value of an answer whose content type says JSON; `undefined`: it is something else. */
export function jsonBody({ headers, body }: GatewayAnswer): unknown {
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(headers.get('content-type') ?? '')) return undefined
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
