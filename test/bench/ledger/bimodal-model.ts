import { createServer } from 'node:http'
import { listenOnLoopback } from '../../helpers/loopback.ts'
import { fastMs, slowEvery, slowMs } from './bimodal-latency.ts'

/* The process of a model that is mostly fast and sometimes slow; GET /answered tells how many it has answered. */

const answer = Buffer.from('{"label":"positive"}')
const headers = { 'content-type': 'application/json', 'content-length': answer.length }
let called = 0
let answered = 0

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(answered))
    return
  }
  const latencyMs = ++called % slowEvery === 0 ? slowMs : fastMs
  request.resume().on('end', () =>
    setTimeout(() => {
      answered++
      response.writeHead(200, headers).end(answer)
    }, latencyMs)
  )
})
server.keepAliveTimeout = 60_000
console.log(`model ready on http://127.0.0.1:${await listenOnLoopback(server)}`)
