import { inOneTurn } from './in-one-turn.ts'
import { LentPermits, type Borrower } from './lent-permits.ts'
import type { PermitAnswer, PermitMessage } from './permit-message.ts'

/** One worker that borrows. Disposing gives back all that it has: it is gone. */
export interface PermitsOfWorker extends Disposable {
  receive(messages: readonly PermitMessage[]): void
}

/** Lends permits for destinations to workers, so that all of them together keep the limits. */
export class PermitLender {
  /** Those that are in use. */
  readonly #lent = new Map<string, LentPermits>()

  connect(tell: (answers: readonly PermitAnswer[]) => void): PermitsOfWorker {
    const borrower = { tell: inOneTurn(tell) }
    return {
      receive: messages => {
        for (const message of messages) this.#receive(message, borrower)
      },
      [Symbol.dispose]: () => {
        for (const [key, permits] of this.#lent) {
          permits.leave(borrower)
          if (permits.isUnused) this.#lent.delete(key)
        }
      }
    }
  }

  #receive(message: PermitMessage, borrower: Borrower): void {
    const permits = this.#permitsFor(message)
    switch (message.kind) {
      case 'ask':
        return permits?.ask(borrower, message.no, message.waits)
      case 'withdraw':
        permits?.withdraw(borrower, message.no)
        break
      case 'give':
        permits?.giveBack(borrower, message.count)
        break
    }
    if (permits?.isUnused === true) this.#lent.delete(message.key)
  }

  #permitsFor(message: PermitMessage): LentPermits | undefined {
    const { key } = message
    const known = this.#lent.get(key)
    if (known !== undefined || message.kind !== 'ask') return known
    const permits = new LentPermits(key, message.max)
    this.#lent.set(key, permits)
    return permits
  }
}
