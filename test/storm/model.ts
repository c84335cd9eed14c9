import { createServer } from 'node:http'
import { listenOnLoopback } from '../helpers/loopback.ts'

/* The process of the model: `/slow` takes a twentieth of a second, `/big` answers 256 KiB. */

const big = Buffer.alloc(256 * 1024)
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.url === '/big') response.end(big)
    else setTimeout(() => response.end('{"label":"positive"}'), 50)
  })
})
server.keepAliveTimeout = 120_000
console.log(`model ready on http://127.0.0.1:${await listenOnLoopback(server)}`)
