import { readFileSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import { Pool } from 'undici'
import type { Load, LoadResult } from './load.ts'

/* The process of undici-load.ts: runs the load in the file of the argument, prints its result. */

const load: Load = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const pool = new Pool(load.url, { connections: load.connections })
const latencyUs = createHistogram()
const start = performance.now()
const end = start + load.seconds * 1000
let sent = 0
let errors = 0

async function post(): Promise<void> {
  const path = load.paths[sent++ % load.paths.length] ?? '/'
  const began = performance.now()
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...load.headers },
    body: load.body
  })
  await body.dump()
  latencyUs.record(Math.max(1, Math.round((performance.now() - began) * 1000)))
  if (statusCode >= 400) errors++
}

async function runCaller(): Promise<void> {
  while (performance.now() < end) {
    await post().catch(() => errors++)
  }
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
await pool.close()
