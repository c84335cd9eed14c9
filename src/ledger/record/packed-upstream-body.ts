import type { UpstreamBody } from '../../errors.ts'
import { upstreamBody } from '../../event/upstream-body.ts'

/** Text as it is, other octets as base64. */
export type PackedUpstreamBody =
  readonly [told: boolean, text: string] | readonly [told: boolean, text: null, base64: string]

export function packUpstreamBody({ octets, text, told }: UpstreamBody): PackedUpstreamBody {
  return text === undefined ? [told, null, Buffer.from(octets).toString('base64')] : [told, text]
}

export function unpackUpstreamBody([told, text, base64 = '']: PackedUpstreamBody): UpstreamBody {
  return upstreamBody(text === null ? Buffer.from(base64, 'base64') : Buffer.from(text), told)
}
