import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { expect, it } from 'vitest'
import { readLines } from '../../src/runner/read-lines.ts'

async function linesOf(...chunks: readonly (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough()
  const lines: string[] = []
  readLines(stream, line => lines.push(line))
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await finished(stream)
  return lines
}

it('gives whole lines, however they arrive', async () => {
  expect(await linesOf('on', 'e\ntwo\nth', 'r', 'ee\n')).toEqual(['one', 'two', 'three'])
})

it('gives what is left at the end, and nothing where nothing is left', async () => {
  expect(await linesOf('one\n', 'two')).toEqual(['one', 'two'])
  expect(await linesOf()).toEqual([])
})

it('keeps empty lines and takes carriage returns off', async () => {
  expect(await linesOf('a\r\n\r', '\nb\r\n')).toEqual(['a', '', 'b'])
})

it('puts characters together that were cut in two', async () => {
  const bytes = Buffer.from('naïve 🙂\n')
  expect(await linesOf(...[...bytes].map(byte => Buffer.of(byte)))).toEqual(['naïve 🙂'])
})

it('gives a partial line only once it is whole', async () => {
  const stream = new PassThrough()
  const lines: string[] = []
  readLines(stream, line => lines.push(line))
  stream.write('one\ntw')
  await new Promise(setImmediate)
  expect(lines).toEqual(['one'])
  stream.end('o')
  await finished(stream)
  expect(lines).toEqual(['one', 'two'])
})

it('cuts a line at 8192 characters, and goes on with the next one', async () => {
  expect(await linesOf('x'.repeat(8192), '\ny\n')).toEqual(['x'.repeat(8192), 'y'])
  expect(await linesOf('x'.repeat(8000), 'x'.repeat(100_000), 'x\ny\n')).toEqual([`${'x'.repeat(8192)}…`, 'y'])
})
