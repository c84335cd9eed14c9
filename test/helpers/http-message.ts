/** The first lines of a request or response, as they stood on the wire. */
export interface HttpHead {
  readonly startLine: string
  /** By lower-case name; values of a repeated header are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** How many bytes the head took, its empty line included. */
  readonly length: number
}

export interface HttpBody {
  readonly content: Buffer
  /** How many bytes the body took, with the sizes of its chunks and its trailers. */
  readonly length: number
}

/** The head at the start of the bytes; `undefined` while some of it is missing. */
export function readHttpHead(bytes: Buffer): HttpHead | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { startLine, headers: Object.fromEntries(headers), length: end + 4 }
}

/** The body that the headers announce, without its chunk sizes; `unframed` when they announce none. */
export function readHttpBody(rest: Buffer, headers: HttpHead['headers']): HttpBody | 'incomplete' | 'unframed' {
  if (headers['transfer-encoding']?.toLowerCase().endsWith('chunked')) return readChunks(rest)
  const declared = headers['content-length']
  if (declared === undefined) return 'unframed'
  const length = Number(declared)
  return rest.length < length ? 'incomplete' : { content: rest.subarray(0, length), length }
}

function readChunks(rest: Buffer): HttpBody | 'incomplete' {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd === -1) return 'incomplete'
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error(`not the size of a chunk: ${rest.toString('latin1', at, lineEnd)}`)
    if (size === 0) return endOfChunks(rest, lineEnd, chunks)
    const start = lineEnd + 2
    at = start + size + 2
    if (rest.length < at) return 'incomplete'
    chunks.push(rest.subarray(start, start + size))
  }
}

/** The last chunk is followed by trailers, which are passed over, and an empty line. */
function endOfChunks(rest: Buffer, lastLineEnd: number, chunks: readonly Buffer[]): HttpBody | 'incomplete' {
  const end = rest.indexOf('\r\n\r\n', lastLineEnd)
  return end === -1 ? 'incomplete' : { content: Buffer.concat(chunks), length: end + 4 }
}
