import { parseArgs } from 'node:util'
import { runStorm } from './storm.ts'

/*
 * npm run test:storm -- [--connections N] [--seconds S]
 *
 * The long form of the storm: 2,000 connections for a minute beside 20 honest callers. Exits with 1 when a promise is
 * broken: every honest call is answered, the slowest hundredth takes at most five times what it takes alone, and a minute
 * later memory and places are back. The allocator of the system may keep what was freed: the image has another one, as with
 * `LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=background_thread:true`.
 */

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '2000' }, seconds: { type: 'string', default: '60' } }
})
const stormMs = Number(values.seconds) * 1000
const { quiet, storm, memory, heap, inFlight, told } = await runStorm({
  connections: Number(values.connections),
  stormMs,
  quietMs: Math.min(15_000, stormMs),
  calmMs: stormMs
})
const promises: readonly (readonly [what: string, kept: boolean])[] = [
  [`${storm.answered} honest calls answered, ${storm.failures.length} not`, storm.failures.length === 0],
  [
    `p99 ${storm.p99Ms.toFixed(1)} ms, alone ${quiet.p99Ms.toFixed(1)} ms: ${(storm.p99Ms / quiet.p99Ms).toFixed(2)} times`,
    storm.p99Ms <= 5 * quiet.p99Ms
  ],
  [
    `memory ${memory.before.toFixed(0)} MiB before, ${memory.after.toFixed(0)} after`,
    memory.after <= 1.2 * memory.before
  ],
  [`${inFlight} in flight afterwards`, inFlight === 0]
]
console.log(`connections: ${told}`)
console.log(`JavaScript heap ${heap.before.toFixed(0)} MiB before, ${heap.after.toFixed(0)} after`)
for (const [what, kept] of promises) console.log(`${kept ? 'kept  ' : 'BROKEN'} ${what}`)
for (const failure of new Set(storm.failures)) console.log(`       ${failure}`)
if (promises.some(([, kept]) => !kept)) process.exitCode = 1
