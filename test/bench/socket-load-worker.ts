import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { createHistogram } from 'node:perf_hooks'
import { readRawResponse, type RawResponse } from '../helpers/raw-response.ts'
import type { Load, LoadResult } from './load.ts'

/* The process of socket-load.ts: runs the load in the file of the argument, prints its result. */

const load: Load = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const { hostname, port, host } = new URL(load.url)
const headers = Object.entries({ host, 'content-type': 'application/json', ...load.headers })
const length = Buffer.byteLength(load.body)
const requests = load.paths.map(path => {
  const lines = [`POST ${path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  return Buffer.from([...lines, `content-length: ${length}`, '', load.body].join('\r\n'))
})
const latencyUs = createHistogram()
const start = performance.now()
const end = start + load.seconds * 1000
let sent = 0
let errors = 0

/** The answer to the request; `undefined`: the connection broke before it was there. */
function exchange(socket: Socket, request: Buffer | undefined): Promise<RawResponse | undefined> {
  const { promise, resolve } = Promise.withResolvers<RawResponse | undefined>()
  let received: Buffer | undefined
  const settle = (response: RawResponse | undefined): void => {
    socket.off('data', read).off('close', closed)
    resolve(response)
  }
  const read = (octets: Buffer): void => {
    received = received === undefined ? octets : Buffer.concat([received, octets])
    const response = readRawResponse(received, false)
    if (response !== undefined) settle(response)
  }
  const closed = (): void => settle(received && readRawResponse(received, true))
  socket.on('data', read).on('close', closed)
  if (request !== undefined) socket.write(request)
  return promise
}

async function open(): Promise<Socket> {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  // What breaks is closed, and counted by who waits for an answer.
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('connect', resolve).once('close', resolve))
  return socket
}

async function runCaller(): Promise<void> {
  let socket = await open()
  while (performance.now() < end) {
    if (socket.destroyed) socket = await open()
    const request = requests[sent++ % requests.length]
    const began = performance.now()
    const response = socket.destroyed ? undefined : await exchange(socket, request)
    latencyUs.record(Math.max(1, Math.round((performance.now() - began) * 1000)))
    if (response === undefined || response.status >= 400) errors++
  }
  socket.destroy()
}

await Promise.all(Array.from({ length: load.connections }, runCaller))
const result: LoadResult = {
  requests: latencyUs.count,
  requestsPerSecond: latencyUs.count / ((performance.now() - start) / 1000),
  p50Ms: latencyUs.percentile(50) / 1000,
  p99Ms: latencyUs.percentile(99) / 1000,
  errors
}
console.log(JSON.stringify(result))
