import { createServer, type Socket } from 'node:net'
import { listenOnLoopback } from '../../helpers/loopback.ts'

/*
 * The process of a model that answers about 1 KB of JSON at once, over bare sockets: where load, model, Redis and what is
 * measured share few processors, whatever the model costs makes unequal contenders look alike.
 */

const answer = JSON.stringify({ label: 'positive', score: 0.98, explanation: 'x'.repeat(960) })
const response = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`
)
const endOfHead = '\r\n\r\n'

/** How many octets the first request among them has; `undefined`: it is not complete. */
function lengthOfFirst(octets: Buffer): number | undefined {
  const headLength = octets.indexOf(endOfHead)
  if (headLength === -1) return undefined
  const contentLength = /\ncontent-length: *(\d+)/i.exec(octets.toString('latin1', 0, headLength))?.[1]
  const length = headLength + endOfHead.length + Number(contentLength ?? 0)
  return length <= octets.length ? length : undefined
}

function serve(socket: Socket): void {
  let received: Buffer = Buffer.alloc(0)
  // A caller who goes away is no fault of the model.
  socket.on('error', () => socket.destroy())
  socket.on('data', (octets: Buffer) => {
    received = received.length === 0 ? octets : Buffer.concat([received, octets])
    for (let length = lengthOfFirst(received); length !== undefined; length = lengthOfFirst(received)) {
      received = received.subarray(length)
      socket.write(response)
    }
  })
}

console.log(`model ready on http://127.0.0.1:${await listenOnLoopback(createServer({ noDelay: true }, serve))}`)
