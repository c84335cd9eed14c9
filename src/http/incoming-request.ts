import type { IncomingMessage } from 'node:http'
import { SluiceError } from '../errors.ts'

const noBytes = new Uint8Array(0)

/**
 * The whole body, counted as it comes; a declared length is only a first check.
 * `undefined` when the client went away before the end. Throws BODY_TOO_LARGE.
 */
export function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): void =>
      reject(
        new SluiceError('BODY_TOO_LARGE', `the body is larger than the ${maxBytes} bytes that the pipeline accepts`)
      )
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return tooLarge()
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= maxBytes) {
        chunks.push(chunk)
        return
      }
      incoming.off('data', onData)
      incoming.pause()
      tooLarge()
    }
    incoming.on('data', onData)
    incoming.on('end', () => resolve(joined(chunks, size)))
    incoming.on('close', () => resolve(undefined))
    incoming.on('error', () => resolve(undefined))
  })
}

function joined(chunks: readonly Buffer[], size: number): Uint8Array {
  const [first = noBytes] = chunks
  return chunks.length > 1 ? Buffer.concat(chunks, size) : first
}
