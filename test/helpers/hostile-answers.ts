import type { RawAnswer } from './raw-step.ts'

/** Exactly these bytes, right or wrong; the connection stays open. */
export const bytes =
  (answer: string | Uint8Array): RawAnswer =>
  socket =>
    void socket.write(answer)

/** These bytes, then an orderly end of the connection: shorter than announced, say. */
export const bytesThenEnd =
  (answer: string | Uint8Array): RawAnswer =>
  socket =>
    void socket.end(answer)

/** These bytes (none, if empty), then a reset of the connection. */
export const bytesThenReset =
  (answer: string | Uint8Array): RawAnswer =>
  socket =>
    void socket.write(answer, () => socket.resetAndDestroy())

/** Nothing at all, ever. */
export const silence: RawAnswer = () => {}

/** A head, and a body that never ends; as fast as the caller reads. */
export const endlessBody = (contentType = 'application/json'): RawAnswer =>
  endless(`HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\n\r\n`, 'x'.repeat(65_536))

/** A head that never ends. */
export const endlessHead = (): RawAnswer => endless('HTTP/1.1 200 OK\r\n', 'x-flood: 1\r\n'.repeat(1024))

/** A complete answer, with this many headers. */
export const headerFlood = (count: number): RawAnswer => {
  const flood = Array.from({ length: count }, (_, i) => `x-flood-${i}: 1\r\n`).join('')
  return bytes(`HTTP/1.1 200 OK\r\n${flood}content-length: 2\r\n\r\n{}`)
}

/** The bytes one at a time, and each only after so many milliseconds: a step that is never quite silent. */
export const drip =
  (answer: string, everyMs: number): RawAnswer =>
  socket => {
    const rest = [...Buffer.from(answer)]
    const timer = setInterval(() => {
      const next = rest.shift()
      if (next === undefined) clearInterval(timer)
      else socket.write(Buffer.of(next))
    }, everyMs)
    socket.on('close', () => clearInterval(timer))
  }

function endless(start: string, more: string): RawAnswer {
  return socket => {
    const fill = () => {
      while (!socket.destroyed && socket.write(more));
    }
    socket.on('drain', fill)
    socket.write(start)
    fill()
  }
}
