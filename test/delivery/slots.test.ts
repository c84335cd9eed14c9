import { expect, it } from 'vitest'
import { Slots } from '../../src/delivery/slots.ts'

it('hands out its permits, then lets wait in order', () => {
  const slots = new Slots(2)
  const started: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) slots.take(() => started.push(name))
  expect(started).toEqual(['a', 'b'])
  expect(slots.waiting).toBe(2)
  slots.release()
  slots.release()
  expect(started).toEqual(['a', 'b', 'c', 'd'])
})

it('forgets a waiter who leaves', () => {
  const slots = new Slots(1)
  const started: string[] = []
  slots.take(() => started.push('a'))
  const leave = slots.take(() => started.push('b'))
  slots.take(() => started.push('c'))
  leave()
  slots.release()
  expect(started).toEqual(['a', 'c'])
})

it('keeps a permit that nobody waits for', () => {
  const slots = new Slots(1)
  slots.take(() => {})
  slots.release()
  let started = false
  slots.take(() => {
    started = true
  })
  expect(started).toBe(true)
})
