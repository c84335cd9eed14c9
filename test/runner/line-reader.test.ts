import { expect, it } from 'vitest'
import { LineReader } from '../../src/runner/line-reader.ts'

function linesOf(...chunks: readonly (string | Buffer)[]): string[] {
  const reader = new LineReader()
  const lines: string[] = []
  const take = (line: string) => void lines.push(line)
  for (const chunk of chunks) reader.push(Buffer.from(chunk), take)
  reader.end(take)
  return lines
}

it('gives whole lines, however they arrive', () => {
  expect(linesOf('on', 'e\ntwo\nth', 'r', 'ee\n')).toEqual(['one', 'two', 'three'])
})

it('gives what is left at the end, and nothing where nothing is left', () => {
  expect(linesOf('one\n', 'two')).toEqual(['one', 'two'])
  expect(linesOf()).toEqual([])
})

it('keeps empty lines and takes carriage returns off', () => {
  expect(linesOf('a\r\n\r', '\nb\r\n')).toEqual(['a', '', 'b'])
})

it('puts characters together that were cut in two', () => {
  const bytes = Buffer.from('naïve 🙂\n')
  expect(linesOf(...[...bytes].map(byte => Buffer.of(byte)))).toEqual(['naïve 🙂'])
})

it('gives a partial line only once it is whole', () => {
  const reader = new LineReader()
  const lines: string[] = []
  const take = (line: string) => void lines.push(line)
  reader.push(Buffer.from('one\ntw'), take)
  expect(lines).toEqual(['one'])
  reader.push(Buffer.from('o\n'), take)
  expect(lines).toEqual(['one', 'two'])
})

it('does not join what does not belong together', () => {
  const reader = new LineReader()
  const lines: string[] = []
  reader.push(Buffer.from('begun'), line => lines.push(line))
  reader.restart()
  reader.push(Buffer.from('one\n'), line => lines.push(line))
  expect(lines).toEqual(['one'])
})

it('cuts a line at 8192 characters, and goes on with the next one', () => {
  expect(linesOf('x'.repeat(8192), '\ny\n')).toEqual(['x'.repeat(8192), 'y'])
  expect(linesOf('x'.repeat(8000), 'x'.repeat(100_000), 'x\ny\n')).toEqual([`${'x'.repeat(8192)}…`, 'y'])
})
