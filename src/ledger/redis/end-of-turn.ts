/** What is put off until this turn of the event loop ends. */
export class EndOfTurn {
  #tasks: (() => void)[] = []

  /** A task that another one puts off is done in the same turn, after those that were there before. */
  run(task: () => void): void {
    if (this.#tasks.push(task) > 1) return
    setImmediate(() => {
      // Grows while it runs.
      for (const each of this.#tasks) each()
      this.#tasks = []
    })
  }
}
