import { expect, it } from 'vitest'
import { endpoint } from '../../src/delivery/endpoint.ts'
import { shouldHold } from '../../src/delivery/should-hold.ts'
import { Origin } from '../../src/delivery/origin.ts'
import { countsForBreaker, isRetriable } from '../../src/delivery/retriable.ts'
import { BodyMemory } from '../../src/event/body-memory.ts'
import { aCall } from '../helpers/a-call.ts'
import { anEvent } from '../helpers/events.ts'

it.each(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'EAGAIN', 'ENOBUFS'])(
  'a call that %s prevents is tried again, held, and no fault of the step',
  async code => {
    await using origin = new Origin('http://model.test', {
      connections: 1,
      memory: new BodyMemory(Infinity),
      connect: (_options, callback) =>
        queueMicrotask(() => callback(Object.assign(new Error(`connect ${code}`), { code }), null))
    })
    const deliver = endpoint(() => ({ kind: 'at', origin, path: '/' }), {
      label: 'step "model"',
      reply: 'auto',
      tellsUpstream: true,
      identify: () => ({ id: '1', source: '/', type: 't' }),
      mode: 'binary',
      timeoutMs: 5_000,
      deadlineMs: 5_000,
      maxReplyBytes: 100,
      headers: [],
      own: undefined,
      attempted: undefined,
      streaming: undefined
    })
    const delivered = await deliver(anEvent(), aCall())
    if (delivered.kind !== 'failed') throw new Error(delivered.kind)
    const { error } = delivered
    expect(error).toMatchObject({ code: 'OVERLOADED', message: expect.stringContaining(code) as string })
    expect([isRetriable(error), shouldHold(error), countsForBreaker(error)]).toEqual([true, true, false])
  }
)
