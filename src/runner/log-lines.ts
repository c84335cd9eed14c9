import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A longer line is cut, in characters. */
const maxLine = 8192
/** Lines that are kept to explain a failure. */
const keptLines = 20

/** The output of a process by lines; the last ones are kept. */
export class LogLines {
  readonly #write: (line: string) => void
  readonly #last: string[] = []

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  /** Takes whole lines out of the stream, and what is left when it ends. */
  read(stream: Readable): void {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) this.#add(line)
      if (rest.length > maxLine) {
        this.#add(rest)
        rest = ''
      }
    })
    stream.on('end', () => {
      if (rest !== '') this.#add(rest)
    })
    stream.on('error', () => {})
  }

  /** The last line that says anything; empty when there was none. */
  get last(): string {
    return this.#last.findLast(line => line.trim() !== '')?.trim() ?? ''
  }

  #add(line: string): void {
    const cut = line.length > maxLine ? `${line.slice(0, maxLine)}…` : line
    this.#last.push(cut)
    if (this.#last.length > keptLines) this.#last.shift()
    this.#write(cut)
  }
}
