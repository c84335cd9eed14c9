import type { Readable } from 'node:stream'
import { LineReader } from '../runner/line-reader.ts'
import { within } from '../telemetry/within.ts'
import type { LineOutput } from '../telemetry/line-output.ts'

/** The last words of a worker that ended are waited for so long, in milliseconds. */
const lastWordsMs = 200

/**
 * Passes on what a worker writes. Only the primary writes to the standard error of the gateway: processes that share a
 * descriptor cut each other's lines, and each can make it block for all.
 */
export class PassedOnOutput {
  readonly #ends: Promise<unknown>

  constructor(streams: readonly Readable[], output: LineOutput) {
    this.#ends = Promise.all(streams.map(stream => passOn(stream, output)))
  }

  /** Resolves when all of a worker that ended is passed on, or its reader stands still. */
  async end(): Promise<void> {
    await within(lastWordsMs, this.#ends)
  }
}

function passOn(stream: Readable, output: LineOutput): Promise<void> {
  const reader = new LineReader()
  let lines = ''
  const take = (line: string): void => {
    lines += `${line}\n`
  }
  const pass = (): void => {
    if (lines !== '') output.write(lines)
    lines = ''
  }
  stream.on('data', (chunk: Buffer) => {
    reader.push(chunk, take)
    pass()
    if (!output.behind) return
    stream.pause()
    void output.caughtUp().then(() => stream.resume())
  })
  stream.on('error', () => {})
  return new Promise(resolve =>
    stream.once('close', () => {
      reader.end(take)
      pass()
      resolve()
    })
  )
}
