import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { brokenResponse, readRawResponse, type RawResponse } from './raw-response.ts'

export interface RawConnection extends AsyncDisposable {
  /** Writes the bytes as they are; what the server no longer reads is dropped in silence. */
  send(bytes: string | Uint8Array): void
  /** The next whole answer (not to a HEAD request), or what there is of it when the server closes. */
  response(timeoutMs?: number): Promise<RawResponse>
  /** Settles when the server has closed the connection. */
  readonly closed: Promise<void>
}

/** A connection on which a test says exactly what is sent, and when. */
export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  socket.on('end', resolve).on('close', () => resolve())
  // Being reset is one way for the server to close.
  socket.on('error', () => socket.destroy())
  return {
    send: bytes => void (socket.writable && socket.write(bytes)),
    response: responses(socket),
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      await closed
    }
  }
}

/** Sends the bytes, chunk by chunk, on a connection of their own, and gives the first whole answer. */
export async function rawRequest(
  url: string,
  bytes: string | Uint8Array | readonly (string | Uint8Array)[],
  { timeoutMs }: { readonly timeoutMs?: number } = {}
): Promise<RawResponse> {
  await using connection = await openRaw(url)
  for (const chunk of Array.isArray(bytes) ? bytes : [bytes]) connection.send(chunk)
  return await connection.response(timeoutMs)
}

function responses(socket: Socket): RawConnection['response'] {
  let received: Buffer = Buffer.alloc(0)
  const changes = new EventEmitter()
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
    changes.emit('change')
  })
  socket.on('end', () => changes.emit('change')).on('close', () => changes.emit('change'))
  return async (timeoutMs = 30_000) => {
    const signal = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const ended = socket.readableEnded || socket.destroyed
      const response = readRawResponse(received, ended) ?? (ended ? brokenResponse(received) : undefined)
      if (response) {
        received = received.subarray(response.bytes.length)
        return response
      }
      await once(changes, 'change', { signal }).catch((cause: unknown) => {
        const soFar = JSON.stringify(received.toString('latin1'))
        throw new Error(`no whole answer in ${timeoutMs} ms; what came is ${soFar}`, { cause })
      })
    }
  }
}
