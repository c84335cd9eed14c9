import { describe, expect, it } from 'vitest'
import { LoadModel } from '../../src/runner/scaling/load-model.ts'
import { bursts, dayWithLunch, seconds, slowRamp } from './load-shapes.ts'
import { reactiveAt, simulate } from './scaling-simulation.ts'

describe('predictive scaling, at the cost of reactive scaling', () => {
  it.each([
    ['a day of requests with a lunch peak', { rate: dayWithLunch, countedFrom: seconds.day, until: 2 * seconds.day }],
    ['bursts of a timer', { rate: bursts, countedFrom: 2 * seconds.hour, until: 8 * seconds.hour }],
    ['a slow ramp that nobody has seen before', { rate: slowRamp, countedFrom: 0, until: 2 * seconds.hour }]
  ])('has less than half of the requests wait for a cold start: %s', (_name, shape) => {
    const predictive = simulate({ ...shape, predictive: true, idleMs: 60_000 })
    const reactive = reactiveAt(predictive.cost, shape)
    expect(reactive.cost).toBeGreaterThanOrEqual(predictive.cost)
    expect(predictive.held / predictive.requests).toBeLessThan((0.5 * reactive.held) / reactive.requests)
  })
})

describe('the model of a load', () => {
  const minute = 60_000
  const feed = (model: LoadModel, from: number, to: number, calls: (at: number) => number): void => {
    for (let at = from; at < to; at += 1_000) model.note(calls(at), at)
  }

  it('expects nothing where nothing was', () => {
    const model = new LoadModel()
    feed(model, 0, 60 * minute, () => 0)
    expect(model.forecast(60 * minute, 10_000)).toBe(0)
  })

  it('expects a load that grows to go on growing', () => {
    const model = new LoadModel()
    feed(model, 0, 10 * minute, at => 10 + at / minute)
    expect(model.forecast(10 * minute, 30_000)).toBeGreaterThan(21)
    expect(model.forecast(10 * minute, 30_000)).toBeLessThan(24)
  })

  it('expects what the day before had at this time', () => {
    const model = new LoadModel()
    const day = 24 * 60 * minute
    const beforeNoon = day / 2 - 2 * minute
    feed(model, 0, day + beforeNoon, at => (at % day < day / 2 ? 4 : 8))
    expect(model.forecast(day + beforeNoon - 30 * minute, 10_000)).toBe(4)
    expect(model.forecast(day + beforeNoon, 10_000)).toBeGreaterThan(5)
  })

  it('awaits the next burst of a rhythm before it comes, and not before that', () => {
    const model = new LoadModel()
    const burst = (at: number): number => (at % (10 * minute) < 20_000 ? 12 : 0)
    feed(model, 0, 65 * minute, burst)
    const expected = [65, 69.7, 69.95].map(at => {
      feed(model, 65 * minute, at * minute, burst)
      return model.forecast(at * minute, 10_000)
    })
    expect(expected).toEqual([0, 0, 12])
  })
})
