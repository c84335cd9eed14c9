import { describe, expect, it } from 'vitest'
import { Lane } from '../../src/mover/lane.ts'
import type { LanePlace } from '../../src/mover/lane-place.ts'

const aLane = (maxInFlight = 2, onRoom = (): void => {}): Lane => new Lane(() => maxInFlight, onRoom)

/** A request that runs. */
function begin(lane: Lane): LanePlace {
  lane.reserve()
  const place = lane.place()
  place.start()
  return place
}

const usage = (lane: Lane) => (['intake', 'processing', 'output'] as const).map(buffer => lane.used(buffer))

describe('a lane', () => {
  it('has room for so many in intake and processing together', () => {
    const lane = aLane(3)
    lane.reserve()
    const place = begin(lane)
    expect([usage(lane), lane.room(0)]).toEqual([[1, 1, 0], 1])
    lane.giveBack()
    place.leave()
    place.leave()
    expect([usage(lane), lane.room(0)]).toEqual([[0, 0, 0], 3])
  })

  it('has room for the next one as soon as one is finished', async () => {
    const told: number[][] = []
    const lane: Lane = aLane(1, () => told.push([lane.room(0)]))
    const place = begin(lane)
    expect(lane.room(0)).toBe(0)
    await place.toOutput()
    // The output of one is full.
    expect([usage(lane), place.buffer, told]).toEqual([[0, 0, 1], 'output', [[0]]])
    place.leave()
    expect([usage(lane), told]).toEqual([
      [0, 0, 0],
      [[0], [1]]
    ])
  })

  it('keeps the finished in processing while its output is full, and claims nothing', async () => {
    const lane = aLane(2)
    const out = [begin(lane), begin(lane)]
    for (const place of out) await place.toOutput()
    const [third, fourth] = [begin(lane), begin(lane)]
    const order: string[] = []
    const waiting = [
      third.toOutput()?.then(() => order.push('third')),
      fourth.toOutput()?.then(() => order.push('fourth'))
    ]
    expect([usage(lane), lane.room(0)]).toEqual([[0, 2, 2], 0])
    out[0]?.leave()
    await waiting[0]
    expect([usage(lane), order, lane.room(0)]).toEqual([[0, 1, 2], ['third'], 0])
    for (const place of [...out, third]) place.leave()
    await waiting[1]
    fourth.leave()
    expect([usage(lane), lane.room(0)]).toEqual([[0, 0, 0], 2])
  })

  it('lets those in flight out when its pipeline is not served any more', async () => {
    let maxInFlight = 2
    const lane = new Lane(
      () => maxInFlight,
      () => {}
    )
    const places = [begin(lane), begin(lane)]
    maxInFlight = 0
    for (const place of places) {
      await place.toOutput()
      place.leave()
    }
    expect(usage(lane)).toEqual([0, 0, 0])
  })
})
