import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { followOutput } from '../../src/runner/follow-output.ts'
import { waitFor } from '../helpers/wait-for.ts'

function startFollowing() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const state = { text: '', behind: false, dropped: 0 }
  const room = Promise.withResolvers<void>()
  const output = {
    write: (lines: string) => void (state.text += lines),
    get behind() {
      return state.behind
    },
    caughtUp: () => room.promise
  }
  const log = { warn: ({ dropped }: { readonly dropped?: number }) => void (state.dropped += dropped ?? 0) }
  const last = followOutput({ stdout, stderr }, 'default/p/a', { output, log })
  const lines = () => state.text.split('\n').slice(0, -1)
  return { stdout, stderr, state, room, last, lines }
}

it('passes a line on when it is whole, with its step in front', () => {
  const { stdout, lines } = startFollowing()
  stdout.write('one\ntw')
  expect(lines()).toEqual(['[p/a] one'])
  stdout.write('o\n')
  expect(lines()).toEqual(['[p/a] one', '[p/a] two'])
})

it('passes on so many lines a second, and tells how many were dropped', async () => {
  const { stdout, state, lines } = startFollowing()
  const flood = Buffer.from('y\n'.repeat(32_768))
  for (let i = 0; i < 10; i++) stdout.write(flood)
  await waitFor(() => state.dropped > 0, { what: 'the drops to be told' })
  expect(lines()).toHaveLength(10_000)
  expect(state.dropped).toBe(317_680)
  stdout.write('calm again\n')
  expect(lines().at(-1)).toBe('[p/a] calm again')
})

it('stops reading from a process that writes more than can be looked at', async () => {
  const { stdout } = startFollowing()
  const flood = Buffer.alloc(1024 * 1024, 'y\n')
  for (let i = 0; i < 20; i++) stdout.write(flood)
  expect(stdout.isPaused()).toBe(true)
  await waitFor(() => !stdout.isPaused(), { what: 'the next second' })
})

it('keeps the last words of a process that drowned them', () => {
  const { stderr, last } = startFollowing()
  for (let i = 0; i < 10; i++) stderr.write('y\n'.repeat(32_768))
  stderr.write(`${'y\n'.repeat(32_768)}Error: out of memory\n`)
  expect(last.at(-1)).toBe('Error: out of memory')
})

it('has a process wait for the reader of our output', async () => {
  const { stdout, state, room, lines } = startFollowing()
  state.behind = true
  stdout.write('one\n')
  expect([lines(), stdout.isPaused()]).toEqual([['[p/a] one'], true])
  stdout.write('two\n')
  state.behind = false
  room.resolve()
  await waitFor(() => lines().length > 1, { what: 'the second line' })
  expect(state.dropped).toBe(0)
})

it('has no process wait for a reader that stands still', async () => {
  const { stdout, state, lines } = startFollowing()
  state.behind = true
  stdout.write('one\n')
  stdout.write('two\n')
  await waitFor(() => state.dropped > 0, { what: 'the drops to be told' })
  expect([lines(), stdout.isPaused()]).toEqual([['[p/a] one'], false])
  stdout.write('three\n')
  expect(stdout.isPaused()).toBe(false)
  state.behind = false
  stdout.write('four\n')
  expect(lines()).toEqual(['[p/a] one', '[p/a] four'])
})
