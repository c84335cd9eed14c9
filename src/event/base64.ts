/** The octets of base64 (RFC 4648 section 4, padded, nothing else in it); `undefined` for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const octets = Buffer.from(text, 'base64')
  // Node reads over octets that are not base64; only text that is written the same again had none of them.
  return octets.toString('base64') === text ? octets : undefined
}
