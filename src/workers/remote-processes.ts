import type { Entered, Place, Processes } from '../delivery/processes.ts'
import { inOneTurn } from './in-one-turn.ts'
import type { PlaceAnswer, PlaceMessage } from './place-message.ts'

/** The local processes that the primary has, as a worker calls them: it asks for each place. */
export class RemoteProcesses implements Processes {
  readonly #tell: (message: PlaceMessage) => void
  readonly #urls: (key: string) => string | undefined
  readonly #waiting = new Map<number, (entered: Entered) => void>()
  readonly #lost = new Map<number, (lost: boolean) => void>()
  #last = 0

  /** `urls`: where a process of the step listens. */
  constructor(tell: (messages: readonly PlaceMessage[]) => void, urls: (key: string) => string | undefined) {
    this.#tell = inOneTurn(tell)
    this.#urls = urls
  }

  /** Only the primary knows whether one is free. */
  take(): undefined {
    return undefined
  }

  wait(key: string, settle: (entered: Entered) => void): () => void {
    const no = ++this.#last
    this.#waiting.set(no, settle)
    this.#tell({ kind: 'wait', no, key })
    return () => {
      // One that has been given meanwhile is on its way here.
      if (this.#waiting.delete(no)) this.#tell({ kind: 'leave', no })
    }
  }

  urlOf(key: string): string | undefined {
    return this.#urls(key)
  }

  receive(answers: readonly PlaceAnswer[]): void {
    for (const answer of answers) this.#receive(answer)
  }

  #receive(answer: PlaceAnswer): void {
    const { no } = answer
    if (answer.kind === 'lost') {
      this.#lost.get(no)?.(answer.lost)
      this.#lost.delete(no)
      return
    }
    const settle = this.#waiting.get(no)
    if (settle === undefined) return
    this.#waiting.delete(no)
    const { entered } = answer
    settle(entered.kind === 'place' ? this.#place(no, entered.url) : entered)
  }

  #place(no: number, url: string): Place {
    return {
      kind: 'place',
      url,
      leave: () => this.#tell({ kind: 'leave', no }),
      lost: () =>
        new Promise(resolve => {
          this.#lost.set(no, resolve)
          this.#tell({ kind: 'isLost', no })
        })
    }
  }
}
