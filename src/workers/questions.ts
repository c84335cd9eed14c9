/** The answer that is taken when none has come in time. */
export interface Late<Answer> {
  readonly ms: number
  readonly answer: Answer
}

/** Questions to another process, which answers each by its number. */
export class Questions<Answer> {
  readonly #asked = new Map<number, (answer: Answer) => void>()
  #last = 0

  /** Sends a question with its number; resolves with the answer. */
  ask(send: (no: number) => void, late?: Late<Answer>): Promise<Answer> {
    const no = ++this.#last
    return new Promise(resolve => {
      const timer = late && setTimeout(() => this.answer(no, late.answer), late.ms)
      this.#asked.set(no, answer => {
        clearTimeout(timer)
        resolve(answer)
      })
      send(no)
    })
  }

  /** Of a question that was answered already, nothing comes any more. */
  answer(no: number, answer: Answer): void {
    this.#asked.get(no)?.(answer)
    this.#asked.delete(no)
  }

  /** Nobody will answer any more. */
  answerAll(answer: Answer): void {
    for (const no of this.#asked.keys()) this.answer(no, answer)
  }
}
