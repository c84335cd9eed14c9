import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { BodyMemory, BodyShare } from '../../src/event/body-memory.ts'
import { EndSwitch } from '../../src/flow/end-switch.ts'
import { createRecord } from '../../src/ledger/record/stored-record.ts'
import { Buffers } from '../../src/mover/buffers.ts'
import { InFlight } from '../../src/mover/in-flight.ts'
import { LanePlace } from '../../src/mover/lane-place.ts'
import type { InFlightRequest } from '../../src/mover/in-flight-request.ts'
import { StepWatch } from '../../src/mover/step-watch.ts'
import { aRequest } from '../helpers/ledger-requests.ts'

const request = aRequest()
const { id, pipeline } = request
const state = {
  id,
  pipeline,
  status: 'running',
  version: 2,
  deliveries: 1,
  acceptedAt: 0,
  finishedAt: undefined,
  waiting: undefined,
  told: undefined,
  stream: undefined
} as const
const record = createRecord(request, state, request.marks, undefined)

/** A run of always the same request. */
const anEntry = (token: number): InFlightRequest => ({
  claimed: { pipeline, id, token, takenOver: false, record },
  place: new LanePlace(new Buffers(() => 1), () => {}),
  startedAt: 0,
  step: undefined,
  calls: new Set(),
  watch: new StepWatch([], new Set()),
  stream: undefined,
  visits: [],
  share: new BodyShare(new BodyMemory(Infinity)),
  stop: new EndSwitch(),
  index: -1
})

const tokenOf = ({ claimed }: InFlightRequest): number => claimed.token

it('knows who is in flight, in whatever order they come and go', () => {
  const moves = fc.array(fc.oneof(fc.constant('add' as const), fc.nat()), { maxLength: 60 })
  fc.assert(
    fc.property(moves, all => {
      const inFlight = new InFlight()
      const model: InFlightRequest[] = []
      for (const [token, move] of all.entries()) {
        if (move === 'add') {
          const entry = anEntry(token)
          inFlight.add(entry)
          model.push(entry)
        } else if (model.length > 0) {
          for (const entry of model.splice(move % model.length, 1)) inFlight.remove(entry)
        }
        expect(new Set(Array.from(inFlight.entries, tokenOf))).toEqual(new Set(model.map(tokenOf)))
        expect(inFlight.size).toBe(model.length)
      }
    })
  )
})

it('stops the one run whose claim is lost, not its successor', () => {
  const inFlight = new InFlight()
  const [lost, successor] = [anEntry(1), anEntry(2)]
  inFlight.add(lost)
  inFlight.add(successor)
  inFlight.stop(lost.claimed)
  expect([lost.stop.aborted, successor.stop.aborted]).toEqual([true, false])
})

it('stops all, also when those who are stopped leave at once', () => {
  const inFlight = new InFlight()
  const entries = [1, 2, 3, 4].map(anEntry)
  for (const entry of entries) {
    inFlight.add(entry)
    entry.stop.addEventListener('abort', () => inFlight.remove(entry))
  }
  inFlight.stopAll()
  expect(entries.every(({ stop }) => stop.aborted)).toBe(true)
  expect(inFlight.size).toBe(0)
})
