import { breakUnderLoad } from './breaking-edit.ts'
import { runEditStorm } from './edit-storm.ts'
import { manyPipelines } from './many-pipelines.ts'
import { pauseUnderLoad } from './pause-storm.ts'

/*
 * npm run test:edits -- [edits] [breaking] [pauses] [many]
 *
 * The long forms of what edits.test.ts shows: 2,000 edits and 200 pipelines that come and go beside 32 callers, breaking
 * edits under load, pauses of two replicas on one Redis, 10,000 pipelines. Exits with 1 when a promise is broken.
 */

const chosen = process.argv.slice(2)
const isChosen = (name: string): boolean => chosen.length === 0 || chosen.includes(name)

function tell(what: string, kept: boolean): void {
  console.log(`${kept ? 'kept  ' : 'BROKEN'} ${what}`)
  if (!kept) process.exitCode = 1
}

const ms = (value: number): string => `${value.toFixed(1)} ms`

if (isChosen('edits')) {
  const options = { edits: 2_000, pipelines: 200, connections: 32, quietMs: 10_000 }
  const { quiet, storm, stormMs, memory, generations } = await runEditStorm(options)
  tell(`${storm.answered} calls answered, ${storm.failures.length} not`, storm.failures.length === 0)
  for (const failure of new Set(storm.failures)) console.log(`       ${failure}`)
  tell(`p99 ${ms(storm.p99Ms)}, quiet ${ms(quiet.p99Ms)}`, storm.p99Ms <= 1.5 * quiet.p99Ms)
  tell(
    `resident ${memory.before.toFixed(0)} MiB before, ${memory.after.toFixed(0)} after`,
    memory.after <= 1.2 * memory.before
  )
  const bursts = Math.ceil(stormMs / 50) + 1
  tell(`${options.edits} edits in ${(stormMs / 1000).toFixed(1)} s: ${generations} compilations`, generations <= bursts)
}

if (isChosen('breaking')) {
  for (const { what, toldMs, mendedMs, failures, answered, reason } of await breakUnderLoad(32)) {
    tell(`${what}: ${answered} calls answered, ${failures.length} not`, failures.length === 0)
    tell(`${what}: told after ${ms(toldMs)}: ${reason.split('\n')[0]}`, toldMs < 1_000 || what.includes('process'))
    tell(`${what}: mended after ${ms(mendedMs)}`, mendedMs < 500)
  }
}

for (const workers of isChosen('pauses') ? [1, 4] : []) {
  const { accepted, ended, repeated, sync, drained } = await pauseUnderLoad({ accepted: 5_000, pauses: 16, workers })
  tell(
    `workers ${workers}: ${accepted} accepted requests ended: ${JSON.stringify(ended)}`,
    ended['replied'] === accepted
  )
  tell(
    `${sync.replied} callers replied to, ${sync.paused} told PAUSED, ${sync.others.length} others`,
    sync.others.length === 0
  )
  for (const other of new Set(sync.others)) console.log(`       ${other}`)
  const right = drained.filter(({ slow, said }) => said.every(each => each === !slow))
  tell(`drainedOnPause right in ${right.length} of ${drained.length} pauses`, right.length === drained.length)
  console.log(`       ${repeated} calls of the step again, for requests that were put back`)
}

if (isChosen('many')) {
  const { start, listMs, editMs, residentMiB, quiet, storm } = await manyPipelines({
    pipelines: 10_000,
    connections: 8,
    ms: 10_000
  })
  tell(
    `10,000 pipelines: serving after ${ms(start.ms)}, ${ms(start.processorMs)} of a processor`,
    start.processorMs < 15_000
  )
  tell(`one edit serves after ${ms(editMs)}`, editMs < 5_000)
  tell(`resident ${residentMiB.toFixed(0)} MiB`, residentMiB < 1_024)
  tell(`a page of 1,000 with their status in ${ms(listMs)}`, listMs < 5_000)
  tell(`p99 of one that nobody edits ${ms(storm.p99Ms)}, quiet ${ms(quiet.p99Ms)}`, storm.failures.length === 0)
}
