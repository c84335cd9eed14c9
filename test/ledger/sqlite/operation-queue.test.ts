import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { OperationQueue } from '../../../src/ledger/sqlite/operation-queue.ts'
import type { OperationResult } from '../../../src/ledger/sqlite/operations.ts'

/** A queue, the sizes of the messages that it sent, and who answers the oldest of them. */
function createQueue() {
  const sent: number[] = []
  const queue = new OperationQueue(operations => void sent.push(operations.length))
  const send = (count: number) => Array.from({ length: count }, () => queue.send('pipelines', undefined))
  const answer = (...values: readonly string[]): void => {
    const results = values.map(value => ({ kind: 'done', value: [value] }) as const)
    queue.settle(results as readonly unknown[] as readonly OperationResult<never>[])
  }
  return { queue, sent, send, answer }
}

it('sends what one turn of the event loop brings as one message, while the one before is under way', async () => {
  const { sent, send, answer } = createQueue()
  const [first] = send(1)
  await turn()
  const others = send(3)
  expect(sent).toEqual([1])
  await turn()
  expect(sent).toEqual([1, 3])
  answer('a')
  answer('b', 'c', 'd')
  const results = await Promise.all([first, ...others])
  expect(results).toEqual(['a', 'b', 'c', 'd'].map(value => ({ kind: 'done', value: [value] })))
})

it('sends a call at once when the last one went alone, and is answered', async () => {
  const { sent, send, answer } = createQueue()
  void send(1)
  await turn()
  answer('a')
  void send(2)
  expect(sent).toEqual([1, 1])
  await turn()
  expect(sent).toEqual([1, 1, 1])
})

it('sends what it was given when it is closed, and nothing after', async () => {
  const { queue, sent, send, answer } = createQueue()
  const [first] = send(1)
  queue.close()
  expect(sent).toEqual([1])
  const [late] = send(1)
  expect(await late).toMatchObject({ kind: 'unavailable', message: 'the store is closed' })
  answer('a')
  expect(await first).toEqual({ kind: 'done', value: ['a'] })
  await turn()
  expect(sent).toEqual([1])
})

it('answers everybody when nobody will answer any more', async () => {
  const { queue, send } = createQueue()
  const calls = send(2)
  queue.fail('the thread of the store has failed', undefined)
  const kinds = (await Promise.all(calls)).map(({ kind }) => kind)
  expect(kinds).toEqual(['unavailable', 'unavailable'])
})
