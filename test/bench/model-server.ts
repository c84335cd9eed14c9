import { createServer } from 'node:http'
import { listenOnLoopback } from '../helpers/loopback.ts'

/*
 * The process of the models: as many servers as the argument says, each on a port of its own, that answer about
 * 1 KB of JSON at once. They cost as little as an HTTP server in Node can, so that what is measured is the chain.
 */

const answer = Buffer.from(JSON.stringify({ label: 'positive', score: 0.98, explanation: 'x'.repeat(960) }))
const headers = { 'content-type': 'application/json', 'content-length': answer.length }

/** From the second argument; none: they answer at once. */
const workMs = Number(process.argv[3] ?? 0)

const urls: string[] = []
for (let model = 0; model < Number(process.argv[2]); model++) {
  const server = createServer((request, response) => {
    const end = (): void => void response.writeHead(200, headers).end(answer)
    request.resume().on('end', () => (workMs === 0 ? end() : setTimeout(end, workMs)))
  })
  // One contender pauses while the other is measured; its connections must not be closed under it.
  server.keepAliveTimeout = 60_000
  urls.push(`http://127.0.0.1:${await listenOnLoopback(server)}`)
}
console.log(`models ready on ${urls.join(' ')}`)
