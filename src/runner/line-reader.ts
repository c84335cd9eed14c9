import { StringDecoder } from 'node:string_decoder'

/** The longest line; a longer one is cut, in characters. */
const maxLine = 8192

type Take = (line: string) => void

/** Makes lines of the pieces of a stream: each is given as soon as it is whole. */
export class LineReader {
  #decoder = new StringDecoder('utf8')
  #line = ''

  push(chunk: Buffer, take: Take): void {
    const [end = '', ...begun] = this.#decoder.write(chunk).split('\n')
    this.#append(end)
    for (const text of begun) {
      this.#flush(take)
      this.#append(text)
    }
  }

  /** Forgets the line that was begun: what comes next does not follow it. */
  restart(): void {
    this.#decoder = new StringDecoder('utf8')
    this.#line = ''
  }

  /** The rest is a line too. */
  end(take: Take): void {
    this.#append(this.#decoder.end())
    if (this.#line !== '') this.#flush(take)
  }

  #append(text: string): void {
    this.#line += text.slice(0, maxLine + 1 - this.#line.length)
  }

  #flush(take: Take): void {
    const line = this.#line
    this.#line = ''
    take(line.length > maxLine ? `${line.slice(0, maxLine)}…` : line.replace(/\r$/, ''))
  }
}
