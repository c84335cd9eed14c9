/** Counts the gateways that a request has come through; each sets it one higher in what it sends. */
export const hopsHeader = 'sluice-hops'

/** The part of a flat list of a request's headers that goes with everything that is sent for it, sinks included. */
export function hopsOf(headers: readonly string[]): readonly string[] {
  const at = headers.findIndex((text, i) => i % 2 === 0 && text === hopsHeader)
  return at === -1 ? [] : headers.slice(at, at + 2)
}
