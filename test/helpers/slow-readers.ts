import { connect } from 'node:net'

export interface SlowReading {
  readonly readers: number
  /** So many octets at a time, and so often. */
  readonly octets: number
  readonly everyMs: number
}

/** Callers of the pipeline `test` who read next to nothing of its answer, until they are disposed. */
export function startSlowReaders(url: string, { readers, octets, everyMs }: SlowReading): Disposable {
  const sockets = Array.from({ length: readers }, () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write('POST /default/test HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n\r\n{}')
      socket.pause()
    })
    return socket
  })
  const reading = setInterval(() => {
    for (const socket of sockets) socket.read(octets)
  }, everyMs)
  return {
    [Symbol.dispose]() {
      clearInterval(reading)
      for (const socket of sockets) socket.destroy()
    }
  }
}
