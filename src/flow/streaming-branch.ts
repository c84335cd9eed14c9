import type { StreamTaker } from '../event/stream-taker.ts'
import { EndSwitch } from './end-switch.ts'
import type { Request } from './request.ts'

/**
 * Of branches that run at the same time, the one whose reply goes on as it comes: that of the first which is sure to be
 * chosen once it has begun to reply. From then on only it runs.
 */
export class StreamingBranch {
  readonly #stream: StreamTaker | undefined
  readonly #all: EndSwitch
  readonly #wouldChoose: (branch: number) => boolean
  #chosen: { readonly branch: number; readonly ending: EndSwitch } | undefined

  /** `all` ends every branch, but for the one that streams; that one is ended by `abort`. */
  constructor(stream: StreamTaker | undefined, all: EndSwitch, wouldChoose: (branch: number) => boolean) {
    this.#stream = stream
    this.#all = all
    this.#wouldChoose = wouldChoose
  }

  /** `undefined`: none has begun. */
  get branch(): number | undefined {
    return this.#chosen?.branch
  }

  abort(): void {
    this.#chosen?.ending.abort()
  }

  /** The parts of the request that a branch has for itself. */
  own(branch: number): Pick<Request, 'signal' | 'stream'> {
    const stream = this.#stream
    if (stream === undefined) return { signal: this.#all, stream }
    const ending = new EndSwitch()
    this.#all.addEventListener('abort', () => {
      if (this.#chosen?.ending !== ending) ending.abort()
    })
    const mayBegin = (): boolean => this.#chosen === undefined && stream.mayBegin() && this.#wouldChoose(branch)
    const begin: StreamTaker['begin'] = reply => {
      if (!mayBegin()) return false
      this.#chosen = { branch, ending }
      this.#all.abort()
      return stream.begin(reply)
    }
    return { signal: ending, stream: { mayBegin, begin, pass: stream.pass, whole: stream.whole } }
  }
}
