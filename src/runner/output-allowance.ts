import { countLines } from '../telemetry/line-output.ts'

/** The part of the output of one process that is passed on in a second. */
const maxLines = 10_000
const maxOctets = 1024 * 1024
/**
 * Output beyond it is read and dropped, up to here; to read a flood without end would take the time of the requests.
 */
const maxRead = 16 * 1024 * 1024

/** How much a process may write in the second that runs. */
export class OutputAllowance {
  readonly #tellDropped: (lines: number) => void
  #second: PromiseWithResolvers<void> | undefined
  #lines = 0
  #octets = 0
  #read = 0
  #dropped = 0

  /** `tellDropped` is called at the end of each second in which lines were dropped. */
  constructor(tellDropped: (lines: number) => void) {
    this.#tellDropped = tellDropped
  }

  /** Nothing more is passed on in this second. */
  get spent(): boolean {
    return this.#lines >= maxLines || this.#octets >= maxOctets
  }

  /** Whether a line of this length may be passed on. */
  takes(length: number): boolean {
    this.#begin()
    if (this.spent) {
      this.#dropped++
      return false
    }
    this.#lines++
    this.#octets += length + 1
    return true
  }

  /** Counts what is not looked at. */
  drop(chunk: Buffer): void {
    this.#begin()
    this.#dropped += countLines(chunk)
    this.#read += chunk.length
  }

  /** When more may be read; `undefined`: now. */
  get readable(): Promise<void> | undefined {
    return this.#read < maxRead ? undefined : this.#second?.promise
  }

  #begin(): void {
    if (this.#second !== undefined) return
    this.#second = Promise.withResolvers()
    setTimeout(() => this.#end(), 1_000).unref()
  }

  #end(): void {
    const dropped = this.#dropped
    const second = this.#second
    this.#second = undefined
    this.#lines = this.#octets = this.#read = this.#dropped = 0
    if (dropped > 0) this.#tellDropped(dropped)
    second?.resolve()
  }
}
