import { expect, it } from 'vitest'
import { attribute, withAttributes } from '../../src/event/event.ts'
import { anEvent } from '../helpers/events.ts'

it('tells an attribute as a header would', () => {
  const event = anEvent({ extensions: { flag: false, count: 0 } })
  expect(attribute(event, 'flag')).toBe('false')
  expect(attribute(event, 'count')).toBe('0')
  expect(attribute(event, 'constructor')).toBeUndefined()
})

it('sets and takes away attributes of a copy', () => {
  const event = anEvent({ subject: 's' })
  const changed = withAttributes(event, { id: '2', subject: undefined, absent: undefined })
  expect(attribute(changed, 'id')).toBe('2')
  expect(changed.attributes.has('subject')).toBe(false)
  expect(changed.data).toBe(event.data)
  expect(attribute(event, 'id')).toBe('event-1')
  expect(attribute(event, 'subject')).toBe('s')
})
