import { expect, it } from 'vitest'
import type { Deliver } from '../../src/delivery/deliver.ts'
import type { Permits } from '../../src/delivery/permits.ts'
import { inFreePlace } from '../../src/delivery/places.ts'
import { aCall } from '../helpers/a-call.ts'
import { anEvent } from '../helpers/events.ts'

it('a hedge that is not needed any more when it has got its place calls nobody, and gives the place back', async () => {
  const asked = Promise.withResolvers<boolean>()
  let released = 0
  const permits: Permits = {
    take: () => () => {},
    tryTake: () => asked.promise,
    release: () => void released++,
    waiting: 0
  }
  let called = 0
  const next: Deliver = () => {
    called++
    return Promise.resolve({ kind: 'empty' })
  }
  const ending = new AbortController()
  const delivered = inFreePlace(() => permits)(next)(anEvent(), aCall({ signal: ending.signal }))
  ending.abort()
  asked.resolve(true)
  expect(await delivered).toEqual({ kind: 'cancelled' })
  expect([called, released]).toEqual([0, 1])
})
