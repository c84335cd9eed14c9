import { expect, it } from 'vitest'
import { BodyMemory } from '../../src/event/body-memory.ts'
import { EndSwitch } from '../../src/flow/end-switch.ts'
import type { Claim } from '../../src/ledger/work.ts'
import { StoredStream } from '../../src/mover/stored-stream.ts'
import { anEvent } from '../helpers/events.ts'
import { silentLog } from '../helpers/silent-log.ts'

it('gives a defect of the store to who waits for the end, and holds the step up no longer', async () => {
  const appendPiece = () => Promise.reject(new Error('a defect'))
  const memory = new BodyMemory(Infinity)
  using stream = new StoredStream({
    claim: {} as Claim,
    streams: { appendPiece },
    memory,
    stop: new EndSwitch(),
    log: silentLog
  })
  stream.begin(anEvent())
  const drained = Promise.withResolvers<void>()
  expect(stream.pass(new Uint8Array(512 * 1024), drained.resolve)).toBe(false)
  await drained.promise
  expect(stream.pass(new Uint8Array(512 * 1024), drained.resolve)).toBe(true)
  await expect(stream.end()).rejects.toThrow('a defect')
})
