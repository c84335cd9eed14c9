import { KeyedPlaces, type Places } from '../delivery/places.ts'
import { inOneTurn } from './in-one-turn.ts'
import type { PermitAnswer, PermitMessage } from './permit-message.ts'
import { RemotePermits } from './remote-permits.ts'

/** The places of destinations, as a worker has them: the primary sees to it that all workers together keep the limits. */
export class RemotePlaces extends KeyedPlaces<RemotePermits> implements Places {
  readonly #tell: (message: PermitMessage) => void

  constructor(tell: (messages: readonly PermitMessage[]) => void) {
    let last = 0
    const tellOne = inOneTurn(tell)
    super(
      (key, max) => new RemotePermits(key, max, tellOne, () => ++last),
      permits => permits.recall()
    )
    this.#tell = tellOne
  }

  receive(answers: readonly PermitAnswer[]): void {
    for (const answer of answers) {
      const permits = this.get(answer.key)
      if (permits !== undefined) permits.receive(answer)
      // Nobody calls the destination any more.
      else if (answer.kind === 'granted') this.#tell({ kind: 'give', key: answer.key, count: 1 })
    }
  }
}
