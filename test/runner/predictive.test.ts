import { describe, expect, it } from 'vitest'
import { LoadModel } from '../../src/runner/scaling/load-model.ts'
import { compare } from './predictive/compare.ts'
import { describedShapes } from './predictive/described-shapes.ts'
import { loadShapes } from './predictive/load-shapes.ts'
import { stepKinds } from './predictive/step-kinds.ts'

/** All shapes, kinds of steps and ten seeds: `node test/runner/predictive/run.ts`. */
describe('predictive scaling, at the cost of reactive scaling', { timeout: 300_000 }, () => {
  it.each(loadShapes)('has less than half of the requests wait for a cold start: $name', shape => {
    const { predictive, reactive, fewer } = compare(shape, stepKinds.classifier, 1)
    expect(reactive.cost).toBeGreaterThanOrEqual(predictive.cost)
    expect(fewer).toBeGreaterThan(0.5)
  })

  it.each([
    ['Huawei', 0.5],
    ['NASA', 0.3],
    // Nobody can foresee it: what is foreseen all the same must cost nothing.
    ['Azure Functions, queues', -0.1]
  ])('has fewer of them wait in a load that it was not made for, or as many: %s', (name, least) => {
    const shape = describedShapes.find(each => each.name === name)!
    expect(compare(shape, stepKinds.classifier, 1).fewer).toBeGreaterThan(least)
  })
})

describe('the model of a load', () => {
  const minute = 60_000
  const leadMs = 10_000
  const feed = (model: LoadModel, from: number, to: number, calls: (at: number) => number): void => {
    for (let at = from; at < to; at += 1_000) {
      model.note(calls(at), at)
      model.forecast(leadMs)
    }
  }

  it('expects nothing where nothing was', () => {
    const model = new LoadModel()
    feed(model, 0, 60 * minute, () => 0)
    expect(model.forecast(10_000)).toBe(0)
  })

  it('expects a load that grows to go on growing', () => {
    const model = new LoadModel()
    feed(model, 0, 10 * minute, at => 10 + at / minute)
    expect(model.forecast(leadMs)).toBeGreaterThan(20.2)
    expect(model.forecast(leadMs)).toBeLessThan(24)
  })

  it('expects what the days before had at this time', () => {
    const model = new LoadModel()
    const day = 24 * 60 * minute
    const beforeNoon = 3.5 * day - minute
    const twoLevels = (at: number): number => (at % day < day / 2 ? 4 : 8)
    const halfAnHour = 30 * minute
    feed(model, 0, beforeNoon - halfAnHour, twoLevels)
    expect(model.forecast(leadMs)).toBe(4)
    feed(model, beforeNoon - halfAnHour, beforeNoon, twoLevels)
    expect(model.forecast(leadMs)).toBeGreaterThanOrEqual(8)
  })

  it('awaits the next burst of a rhythm before it comes, and not before that', () => {
    const model = new LoadModel()
    const burst = (at: number): number => (at % (10 * minute) < 20_000 ? 12 : 0)
    feed(model, 0, 165 * minute, burst)
    const expected = [165, 169.6, 169.95].map(at => {
      feed(model, 165 * minute, at * minute, burst)
      return model.forecast(leadMs)
    })
    expect(expected).toEqual([0, 0, 12])
  })

  it('goes on after a restart from what it has learned', () => {
    const burst = (at: number): number => (at % (10 * minute) < 20_000 ? 12 : 0)
    const [before, after, fresh] = [new LoadModel(), new LoadModel(), new LoadModel()]
    feed(before, 0, 165 * minute, burst)
    after.recall(JSON.parse(JSON.stringify(before.learned)))
    for (const model of [after, fresh]) feed(model, 170 * minute, 179.95 * minute, burst)
    expect([after.forecast(leadMs), fresh.forecast(leadMs)]).toEqual([12, 0])
    expect(after.learned.minutes[100]).toBe(before.learned.minutes[100])
  })
})
