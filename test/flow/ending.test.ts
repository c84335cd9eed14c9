import { expect, it } from 'vitest'
import { EndSwitch } from '../../src/flow/end-switch.ts'

it('tells each listener once, also those that go while it tells', () => {
  const ending = new EndSwitch()
  const told: string[] = []
  const listen = (name: string, then: () => void = () => {}): (() => void) => {
    const listener = (): void => {
      told.push(name)
      ending.removeEventListener('abort', listener)
      then()
    }
    ending.addEventListener('abort', listener)
    return listener
  }
  const last = listen('gone in time')
  const gone = listen('gone before')
  listen('second')
  listen('third')
  listen('first', () => ending.removeEventListener('abort', last))
  ending.removeEventListener('abort', gone)
  expect(ending.aborted).toBe(false)
  ending.abort()
  ending.abort()
  expect(told.toSorted()).toEqual(['first', 'second', 'third'])
  expect(ending.aborted).toBe(true)
})
