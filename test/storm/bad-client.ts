import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A bad client does its kind of harm on one connection, until it is done or the signal ends. */
export type Behaviour = (socket: Socket, signal: AbortSignal) => Promise<void>

const post = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${body.length}\r\n\r\n${body}`

const whole = post('/default/bad', 'x'.repeat(200))

/** By their names; each is one way not to be an honest caller. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  /** In the middle of a request, or right behind it. */
  async hangsUp(socket) {
    socket.write(whole.slice(0, 1 + Math.floor(Math.random() * whole.length)))
    await delay(Math.random() * 200)
  },

  async dribbles(socket, signal) {
    socket.write(whole.slice(0, -200))
    while (socket.writable && !signal.aborted) {
      socket.write('x')
      await delay(500, undefined, { signal })
    }
  },

  async doesNotRead(socket, signal) {
    socket.pause()
    socket.write(post('/default/big', ''))
    await delay(3_600_000, undefined, { signal })
  },

  /** More than a body may have, without a length. */
  async floods(socket, signal) {
    socket.write('POST /default/bad HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n')
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`
    while (socket.writable && !signal.aborted) {
      socket.write(chunk)
      await delay(200, undefined, { signal })
    }
  },

  async pipelines(socket, signal) {
    socket.pause()
    socket.write(post('/default/big', '').repeat(200))
    await delay(10_000, undefined, { signal })
  }
}

/** Does it again and again, on a connection after the other, until the signal ends. Answers how many connections it took. */
export async function misbehave(port: number, behaviour: Behaviour, signal: AbortSignal): Promise<number> {
  let connections = 0
  while (!signal.aborted) {
    connections++
    const socket = connect(port, '127.0.0.1').on('error', () => socket.destroy())
    await behaviour(socket, signal).catch(() => {})
    socket.destroy()
    await delay(500 + Math.random() * 1000, undefined, { signal }).catch(() => {})
  }
  return connections
}
