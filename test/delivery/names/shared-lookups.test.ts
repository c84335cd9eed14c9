import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { SharedLookups } from '../../../src/delivery/names/shared-lookups.ts'
import { createGate } from '../../helpers/gate.ts'

const addresses: readonly LookupAddress[] = [{ address: '10.0.0.1', family: 4 }]

/** Lookups that wait at a gate, and what became of them. */
function gatedLookups() {
  const gate = createGate()
  const begun: { name: string; signal: AbortSignal }[] = []
  const lookups = new SharedLookups(async (name, signal) => {
    begun.push({ name, signal })
    await gate.opened
    if (name === 'nowhere') throw new Error('not found')
    return addresses
  })
  const ask = (name: string) =>
    new Promise<unknown>(resolve => lookups.join(name, (error, found) => resolve(error ?? found)))
  return { gate, begun, lookups, ask }
}

describe('a name', () => {
  it('is looked up once for all who wait, and again for those who come later', async () => {
    const { gate, begun, ask } = gatedLookups()
    const waiting = [ask('model'), ask('model'), ask('other')]
    expect(begun.map(({ name }) => name)).toEqual(['model', 'other'])
    gate.open()
    expect(await Promise.all(waiting)).toEqual([addresses, addresses, addresses])
    expect(await ask('model')).toBe(addresses)
    expect(begun).toHaveLength(3)
  })

  it('that is not found is told to all who wait', async () => {
    const { gate, ask } = gatedLookups()
    const waiting = [ask('nowhere'), ask('nowhere')]
    gate.open()
    expect((await Promise.all(waiting)).map(String)).toEqual(['Error: not found', 'Error: not found'])
  })

  it('is given up when the last one leaves, and begun anew for the next', () => {
    const { begun, lookups } = gatedLookups()
    const never = (): void => expect.unreachable()
    const leave = [lookups.join('model', never), lookups.join('model', never)]
    leave[0]?.()
    leave[0]?.()
    expect(begun[0]?.signal.aborted).toBe(false)
    leave[1]?.()
    expect(begun[0]?.signal.aborted).toBe(true)
    lookups.join('model', never)
    expect(begun).toHaveLength(2)
  })
})
