import { expect, it } from 'vitest'
import { waitFor } from './wait-for.ts'

it('gives the first truthy value, whatever was thrown before', async () => {
  let calls = 0
  const value = await waitFor(
    () => {
      if (++calls === 1) throw new Error('not yet')
      return calls === 3 && 'there'
    },
    { what: 'the third call' }
  )
  expect([value, calls]).toEqual(['there', 3])
})

it('names what it awaited, and why the condition was not met', async () => {
  const cause = new Error('refused')
  const waiting = waitFor(() => Promise.reject(cause), { what: 'the gateway', timeoutMs: 20 })
  await expect(waiting).rejects.toMatchObject({ message: 'waited 20 ms in vain for the gateway', cause })
})
