import { describe, expect, it } from 'vitest'
import type { CloudEvent } from '../../src/event/event.ts'
import type { Sink } from '../../src/sinks/sink.ts'

export interface SinkUnderTest extends AsyncDisposable {
  readonly sink: Sink
  /** The events that it was given, in their order. */
  taken(): Promise<readonly { readonly id: string; readonly octets: number }[]>
}

const anEvent = (id: string, text?: string): CloudEvent => ({
  attributes: new Map([
    ['specversion', '1.0'],
    ['id', id],
    ['source', '/test'],
    ['type', 'test']
  ]),
  data: text === undefined ? undefined : Buffer.from(text)
})

/** Every sink keeps these promises. */
export function sinkSuite(name: string, open: () => Promise<SinkUnderTest>): void {
  describe(`sink: ${name}`, () => {
    it('has what it was given once its promise resolves, in order', async () => {
      await using opened = await open()
      for (const id of ['a', 'b', 'c']) await opened.sink.take(anEvent(id, `data of ${id}`))
      expect(await opened.taken()).toEqual(['a', 'b', 'c'].map(id => ({ id, octets: 9 })))
    })

    it('takes many at once', async () => {
      await using opened = await open()
      await Promise.all(Array.from({ length: 100 }, (_, i) => opened.sink.take(anEvent(String(i), 'x'))))
      expect(new Set((await opened.taken()).map(({ id }) => id)).size).toBe(100)
    })

    it('takes an event without data, and one that it has already', async () => {
      await using opened = await open()
      for (const id of ['a', 'a']) await opened.sink.take(anEvent(id))
      expect(await opened.taken()).toEqual([
        { id: 'a', octets: 0 },
        { id: 'a', octets: 0 }
      ])
    })
  })
}
