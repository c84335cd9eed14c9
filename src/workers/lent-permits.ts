import type { PermitAnswer } from './permit-message.ts'

/** A worker, as whoever lends permits sees it. */
export interface Borrower {
  tell(answer: PermitAnswer): void
}

interface Asked {
  readonly borrower: Borrower
  readonly no: number
}

/** The standing of one worker. */
interface Account {
  lent: number
  /** Its questions that wait, by their numbers. */
  readonly asked: Map<number, Asked>
  /** It was told that another worker waits, and has got no permit since. */
  recalled: boolean
}

/**
 * The permits for one destination, lent to workers: never more than there are, in the order in which they were asked for.
 * Those that workers keep for their next calls are called back as soon as another one waits.
 */
export class LentPermits {
  readonly #key: string
  #free: number
  readonly #accounts = new Map<Borrower, Account>()
  readonly #line = new Set<Asked>()

  constructor(key: string, max: number) {
    this.#key = key
    this.#free = max
  }

  /** Nobody has one, and nobody waits for one. */
  get isUnused(): boolean {
    return this.#line.size === 0 && this.#accounts.values().every(({ lent }) => lent === 0)
  }

  /** `waits`: until there is one. */
  ask(borrower: Borrower, no: number, waits: boolean): void {
    const account = this.#accountOf(borrower)
    if (this.#free > 0) return this.#lend(borrower, account, no)
    this.#recallFor(borrower)
    if (!waits) return borrower.tell({ kind: 'refused', key: this.#key, no })
    const asked = { borrower, no }
    account.asked.set(no, asked)
    this.#line.add(asked)
  }

  withdraw(borrower: Borrower, no: number): void {
    const { asked } = this.#accountOf(borrower)
    const waiting = asked.get(no)
    if (waiting === undefined) return
    asked.delete(no)
    this.#line.delete(waiting)
  }

  giveBack(borrower: Borrower, count: number): void {
    this.#accountOf(borrower).lent -= count
    this.#free += count
    this.#serve()
  }

  /** The worker is gone. */
  leave(borrower: Borrower): void {
    const account = this.#accounts.get(borrower)
    if (account === undefined) return
    for (const asked of account.asked.values()) this.#line.delete(asked)
    this.#accounts.delete(borrower)
    this.#free += account.lent
    this.#serve()
  }

  #serve(): void {
    for (const waiting of this.#line) {
      if (this.#free === 0) return
      const { borrower, no } = waiting
      const account = this.#accountOf(borrower)
      this.#line.delete(waiting)
      account.asked.delete(no)
      this.#lend(borrower, account, no)
    }
  }

  #lend(borrower: Borrower, account: Account, no: number): void {
    this.#free--
    account.lent++
    account.recalled = this.#line.size > account.asked.size
    borrower.tell({ kind: 'granted', key: this.#key, no, recalled: account.recalled })
  }

  #recallFor(asking: Borrower): void {
    for (const [borrower, account] of this.#accounts) {
      if (borrower === asking || account.recalled || account.lent === 0) continue
      account.recalled = true
      borrower.tell({ kind: 'recalled', key: this.#key })
    }
  }

  #accountOf(borrower: Borrower): Account {
    const known = this.#accounts.get(borrower)
    if (known !== undefined) return known
    const account = { lent: 0, asked: new Map<number, Asked>(), recalled: false }
    this.#accounts.set(borrower, account)
    return account
  }
}
