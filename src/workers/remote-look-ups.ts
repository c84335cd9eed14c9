import type { LookUp, Needed } from '../control/look-up.ts'
import { Questions } from './questions.ts'

/** A worker asks for what a definition needs, by a number of its own. Values come beside the answer, before it. */
export interface LookUpQuestion {
  readonly no: number
  readonly needed: Needed
}

export interface LookUpAnswer {
  readonly no: number
  readonly addresses: ReadonlyMap<string, string>
}

/** The knowledge that the primary has of the surroundings of definitions. */
export class RemoteLookUps {
  readonly #ask: (question: LookUpQuestion) => void
  readonly #questions = new Questions<ReadonlyMap<string, string>>()

  constructor(ask: (question: LookUpQuestion) => void) {
    this.#ask = ask
  }

  readonly lookUp: LookUp = needed => this.#questions.ask(no => this.#ask({ no, needed }))

  receive({ no, addresses }: LookUpAnswer): void {
    this.#questions.answer(no, addresses)
  }
}
