import type { Duplex } from 'node:stream'
import type { Answer } from './answer.ts'
import { linger } from './linger.ts'

/** Ends a connection with an answer, written by hand: for what could not be read there is no response to write to. */
export function endWith({ status, headers, body }: Answer, title: string, socket: Duplex): void {
  const bytes = Buffer.from(body ?? '')
  const lines = [`HTTP/1.1 ${status} ${title}`, 'connection: close', `content-length: ${bytes.length}`]
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]))
  linger(socket)
}
