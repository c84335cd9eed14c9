import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createHistogram } from 'node:perf_hooks'
import { readRawResponse } from '../helpers/raw-response.ts'
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

/**
 * The status of the first answer in the octets; `undefined`: it is not whole. Most answers come in one piece and say how
 * long they are: what those cost here is taken from whoever is measured beside.
 */
function statusOf(octets: Buffer): number | undefined {
  const headLength = octets.indexOf('\r\n\r\n')
  if (headLength === -1) return undefined
  const head = octets.toString('latin1', 0, headLength)
  const bodyLength = /\ncontent-length: (\d+)/i.exec(head)?.[1]
  const whole = bodyLength !== undefined && headLength + 4 + Number(bodyLength) === octets.length
  if (whole && !/\nconnection: close/i.test(head)) return Number(head.slice(9, 12))
  return readRawResponse(octets, false)?.status
}

/** Sends requests on a connection, each when the one before is answered, until the connection ends. */
function runConnection(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let received: Buffer | undefined
  let began = performance.now()
  let waits = true
  const answered = (status: number | undefined): void => {
    waits = false
    latencyUs.record(Math.max(1, Math.round((performance.now() - began) * 1000)))
    if (status === undefined || status >= 400) errors++
  }
  const send = (): void => {
    began = performance.now()
    if (began >= end) {
      socket.destroy()
      return
    }
    waits = true
    received = undefined
    socket.write(requests[sent++ % requests.length] ?? '')
  }
  socket.on('connect', send)
  socket.on('data', (octets: Buffer) => {
    received = received === undefined ? octets : Buffer.concat([received, octets])
    const status = statusOf(received)
    if (status === undefined) return
    answered(status)
    send()
  })
  // A connection that breaks is closed, and counted there.
  socket.on('error', () => {})
  socket.on('close', () => {
    if (waits) answered(received && readRawResponse(received, true)?.status)
    resolve()
  })
  return promise
}

async function runCaller(): Promise<void> {
  while (performance.now() < end) await runConnection()
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
