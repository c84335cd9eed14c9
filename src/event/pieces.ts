/** So many small pieces in a row become one. */
const manyPieces = 256
const smallBytes = 1024

/**
 * Adds a piece of a body that comes in pieces. Each costs a hundred octets and more beside its own, so small ones are
 * joined from time to time: a body that comes octet by octet would take two hundred times its size.
 */
export function addPiece(pieces: Buffer[], piece: Buffer): void {
  if (pieces.push(piece) % manyPieces === 0) joinSmall(pieces)
}

function joinSmall(pieces: Buffer[]): void {
  const from = pieces.findLastIndex(piece => piece.length >= smallBytes) + 1
  if (pieces.length - from >= manyPieces / 2) pieces.push(Buffer.concat(pieces.splice(from)))
}
