import type { Place, Processes } from '../delivery/processes.ts'
import { inOneTurn } from './in-one-turn.ts'
import type { PlaceAnswer, PlaceMessage } from './place-message.ts'

/** The places that one worker has in local processes, or waits for. Disposing gives them back: the worker is gone. */
export class PlacesOfWorker implements Disposable {
  readonly #processes: Processes
  readonly #tell: (answer: PlaceAnswer) => void
  readonly #places = new Map<number, Place>()
  readonly #waiting = new Map<number, () => void>()

  constructor(processes: Processes, tell: (answers: readonly PlaceAnswer[]) => void) {
    this.#processes = processes
    this.#tell = inOneTurn(tell)
  }

  receive(messages: readonly PlaceMessage[]): void {
    for (const message of messages) this.#receive(message)
  }

  [Symbol.dispose](): void {
    for (const withdraw of this.#waiting.values()) withdraw()
    for (const place of this.#places.values()) place.leave()
    this.#waiting.clear()
    this.#places.clear()
  }

  #receive(message: PlaceMessage): void {
    const { no } = message
    switch (message.kind) {
      case 'wait':
        return this.#wait(no, message.key)
      case 'leave':
        this.#waiting.get(no)?.()
        this.#waiting.delete(no)
        this.#places.get(no)?.leave()
        this.#places.delete(no)
        return undefined
      case 'isLost':
        void this.#places
          .get(no)
          ?.lost()
          .then(lost => this.#tell({ kind: 'lost', no, lost }))
        return undefined
    }
  }

  #wait(no: number, key: string): void {
    const give = (place: Place): void => {
      this.#places.set(no, place)
      this.#tell({ kind: 'entered', no, entered: { kind: 'place', url: place.url } })
    }
    const free = this.#processes.take(key)
    if (free !== undefined) return give(free)
    let settled = false
    const withdraw = this.#processes.wait(key, entered => {
      settled = true
      this.#waiting.delete(no)
      if (entered.kind === 'place') give(entered)
      else this.#tell({ kind: 'entered', no, entered })
    })
    if (!settled) this.#waiting.set(no, withdraw)
  }
}
