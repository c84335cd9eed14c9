import { expect, it } from 'vitest'
import type { callerKey } from '../../src/access/caller.ts'
import { createRequest } from '../../src/stored/create-request.ts'
import { noopSpan } from '../../src/telemetry/tracing.ts'
import { anEvent } from '../helpers/events.ts'
import { aGeneration } from '../helpers/a-plan.ts'

const keysOf = (caller: Parameters<typeof callerKey>[0], idempotencyKey = 'a') =>
  createRequest(
    { id: 'r', event: anEvent(), headers: [], idempotencyKey, caller, named: true, span: noopSpan },
    aGeneration()
  ).deduplicationKeys

it('keeps the keys of callers who are known apart, and those of nameless ones together', () => {
  const callers: readonly Parameters<typeof callerKey>[0][] = [
    undefined,
    { kind: 'token', name: 'shop' },
    { kind: 'token', name: 'shop","b' },
    { kind: 'jwt', issuer: 'shop', subject: 'b' },
    { kind: 'jwt', issuer: 'shop', subject: 'c' },
    { kind: 'jwt', issuer: 'other', subject: 'b' }
  ]
  const keys = callers.flatMap(caller => keysOf(caller))
  expect(new Set(keys).size).toBe(2 * callers.length)
  for (const caller of callers) expect(keysOf(caller)).toEqual(keysOf(caller && { ...caller }))
})

it('takes no key for the name of a caller', () => {
  const [named = ''] = keysOf({ kind: 'token', name: 'shop' })
  expect(keysOf(undefined, named.slice('key'.length))).not.toContain(named)
})
