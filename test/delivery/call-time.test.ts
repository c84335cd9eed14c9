import { expect, it } from 'vitest'
import type { Call } from '../../src/delivery/deliver.ts'
import { processCall } from '../../src/delivery/process-call.ts'
import type { Processes } from '../../src/delivery/processes.ts'
import { sinkCall } from '../../src/delivery/sink-call.ts'
import { aCall } from '../helpers/a-call.ts'
import { endpointOptions as options } from '../helpers/endpoint-options.ts'
import { anEvent } from '../helpers/events.ts'

const callWithin = (leftMs: number, signal = new AbortController().signal): Call =>
  aCall({ signal, deadline: performance.now() + leftMs })

const aSink = (take: () => Promise<void>) => () => ({ take })
const hung = () => new Promise<void>(() => {})

it('holds a call for a process until its deadline, also one that no timer can wait for', async () => {
  const processes: Processes = {
    take: () => undefined,
    wait(_key, settle) {
      const timer = setTimeout(settle, 30, { kind: 'unavailable', reason: 'none runs here' })
      return () => clearTimeout(timer)
    },
    urlOf: () => undefined
  }
  const own = () => {
    throw new Error('no process is called')
  }
  const deliver = processCall('s', options, next => next, { processes, origins: { own } })
  const far = await deliver(anEvent(), callWithin(30 * 24 * 60 * 60 * 1000))
  expect(far).toMatchObject({ kind: 'failed', error: { code: 'PIPELINE_NOT_READY' } })
  expect(await deliver(anEvent(), callWithin(5))).toMatchObject({
    kind: 'failed',
    error: { code: 'DEADLINE_EXCEEDED' }
  })
})

it('gives a sink the time that the request has left, where that is less than the timeout', async () => {
  const deliver = sinkCall(aSink(hung), options)
  expect(await deliver(anEvent(), callWithin(20))).toMatchObject({
    kind: 'failed',
    error: { code: 'DEADLINE_EXCEEDED' }
  })
  const brief = sinkCall(aSink(hung), { ...options, timeoutMs: 20 })
  expect(await brief(anEvent(), callWithin(60_000))).toMatchObject({ kind: 'failed', error: { code: 'STEP_TIMEOUT' } })
})

it('gives a sink nothing of a request that has ended', async () => {
  let taken = 0
  const take = () => Promise.resolve(void taken++)
  const call = callWithin(60_000, AbortSignal.abort())
  expect(await sinkCall(aSink(take), options)(anEvent(), call)).toEqual({ kind: 'cancelled' })
  expect([taken, call.attempts.count]).toEqual([0, 0])
})
