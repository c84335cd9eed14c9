import type { UpstreamBody } from '../errors.ts'

/** Octets of an error answer that are kept. */
const keptBytes = 1024

/** The part of an error answer that is kept. `told`: whether others than the dead letter see it. */
export function upstreamBody(body: Uint8Array, told: boolean): UpstreamBody {
  const octets = body.subarray(0, keptBytes)
  return { octets, text: body.length === 0 ? undefined : textOf(octets), told }
}

/** Control characters other than a tab and the ends of lines: text has none. */
// oxlint-disable-next-line no-control-regex
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/

/** Text by its octets: models label their errors with whatever their framework does. */
function textOf(octets: Uint8Array): string | undefined {
  try {
    // As a stream it leaves out the beginning of a character whose rest was cut off.
    const stream = octets.length === keptBytes
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets, { stream })
    return controls.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
