import { describe, expect, it } from 'vitest'
import { whyOver } from '../../src/mover/why-over.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { anEvent } from '../helpers/events.ts'
import { aRecord } from '../helpers/ledger-requests.ts'

const atFirst = { next: 0, event: anEvent(), replies: new Map() }
const plan = aPlan({ spec: { limits: { maxDeliveries: 3 } } })

describe('a request that was claimed', () => {
  it('is run as often as its pipeline allows', () => {
    expect([1, 2, 3].map(deliveries => whyOver(aRecord({ deliveries }), plan, atFirst))).toEqual([
      undefined,
      undefined,
      undefined
    ])
  })

  it('is over after that, and the claim that finds it is no delivery', () => {
    expect(whyOver(aRecord({ deliveries: 4 }), plan, atFirst)).toMatchObject({
      code: 'STEP_FAILED',
      message: 'the request was delivered 3 times without coming to an end',
      facts: { step: 'filter', deliveries: 3 }
    })
  })

  it('has no more deliveries when the gateway is killed that tells its dead letter sink', () => {
    expect(whyOver(aRecord({ deliveries: 6 }), plan, atFirst)?.facts.deliveries).toBe(3)
  })

  it.each([1, 2])('is over when its deadline has passed, after %i claims', deliveries => {
    const record = aRecord({ deliveries, acceptedAt: Date.now() - 2_000 })
    expect(whyOver(record, aPlan({ spec: { deadline: '1s' } }), atFirst)).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      facts: { deliveries: deliveries - 1 }
    })
  })
})
