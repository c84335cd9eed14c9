import { describe, expect, it } from 'vitest'
import { giveUpReason } from '../../src/mover/give-up-reason.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { aRecord, rootMarks } from '../helpers/ledger-requests.ts'

const plan = aPlan({ spec: { limits: { maxDeliveries: 3 } } })
const [atFirst, atSecond] = plan.flow

describe('a request that was claimed', () => {
  it('is run as often as its pipeline allows', () => {
    expect([1, 2, 3].map(deliveries => giveUpReason(aRecord({ deliveries }), plan, atFirst))).toEqual([
      undefined,
      undefined,
      undefined
    ])
  })

  it('is over after that, and the claim that finds it is no delivery', () => {
    expect(giveUpReason(aRecord({ deliveries: 4 }), plan, atFirst)).toMatchObject({
      code: 'STEP_FAILED',
      message: 'the request was delivered 3 times without coming to an end',
      facts: { step: 'filter', deliveries: 3 }
    })
  })

  it('has no more deliveries when the gateway is killed that tells its dead letter sink', () => {
    expect(giveUpReason(aRecord({ deliveries: 6 }), plan, atFirst)?.facts.deliveries).toBe(3)
  })

  it('says how many deliveries called the step: those since it came there, whatever more they did', () => {
    const record = aRecord({ deliveries: 4, marks: rootMarks({ delivery: 2 }) })
    expect(giveUpReason(aRecord({ deliveries: 4 }), plan, atFirst)?.facts.attempts).toBe(3)
    expect(giveUpReason(record, plan, atSecond)?.facts).toMatchObject({ step: 'sentiment', deliveries: 3, attempts: 2 })
  })

  it('says that a transform called nothing', () => {
    const shaping = aPlan({ steps: [{ name: 'shape', transform: 'data' }], spec: { limits: { maxDeliveries: 3 } } })
    const over = giveUpReason(aRecord({ deliveries: 4 }), shaping, shaping.flow[0])
    expect(over?.facts).toMatchObject({ step: 'shape', deliveries: 3, attempts: 0 })
  })

  it('was delivered at least until it came where it is, although the limit is lower since', () => {
    const record = aRecord({ deliveries: 6, marks: rootMarks({ delivery: 5 }) })
    expect(giveUpReason(record, plan, atSecond)?.facts).toMatchObject({ deliveries: 5, attempts: 1 })
  })

  it.each([
    [1, 0, 'step "filter" was not called before the deadline of the request'],
    [3, 2, 'step "filter" did not come to an end before the deadline of the request']
  ])('is over when its deadline has passed, after %i claims', (deliveries, before, message) => {
    const record = aRecord({ deliveries, acceptedAt: Date.now() - 2_000 })
    expect(giveUpReason(record, aPlan({ spec: { deadline: '1s' } }), atFirst)).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message,
      facts: { deliveries: before, attempts: before }
    })
  })
})
