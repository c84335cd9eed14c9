import type { EntryShare, Turns } from '../flow/traffic/turns.ts'
import { Questions } from './questions.ts'

/** A worker asks whose turn it is, by a number of its own: percents are those of all workers together. */
export interface TurnQuestion {
  readonly no: number
  readonly step: string
  readonly entries: readonly EntryShare[]
}

export interface TurnAnswer {
  readonly no: number
  readonly entry: string
}

/** The turns that the primary keeps. */
export class RemoteTurns implements Turns {
  readonly #ask: (question: TurnQuestion) => void
  readonly #questions = new Questions<string>()

  constructor(ask: (question: TurnQuestion) => void) {
    this.#ask = ask
  }

  next(step: string, entries: readonly EntryShare[]): Promise<string> {
    return this.#questions.ask(no => this.#ask({ no, step, entries }))
  }

  receive({ no, entry }: TurnAnswer): void {
    this.#questions.answer(no, entry)
  }
}
