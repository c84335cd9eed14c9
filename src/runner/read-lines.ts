import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** What is longer is cut, in characters. */
const maxLine = 8192

/** Gives each line of the stream as soon as it is whole, and what is left when the stream ends. */
export function readLines(stream: Readable, take: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let line = ''
  const append = (text: string): void => {
    line += text.slice(0, maxLine + 1 - line.length)
  }
  const flush = (): void => {
    take(line.length > maxLine ? `${line.slice(0, maxLine)}…` : line.replace(/\r$/, ''))
    line = ''
  }
  stream.on('data', (chunk: Buffer) => {
    const [end = '', ...begun] = decoder.write(chunk).split('\n')
    append(end)
    for (const text of begun) {
      flush()
      append(text)
    }
  })
  stream.on('end', () => {
    append(decoder.end())
    if (line !== '') flush()
  })
  stream.on('error', () => {})
}
