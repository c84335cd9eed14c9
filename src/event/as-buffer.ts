/** The same octets with the methods of a Buffer; nothing is copied. */
export const asBuffer = (octets: Uint8Array): Buffer => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
