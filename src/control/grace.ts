/** The time that a shutdown may take: all that drains, one after the other, shares it. */
export class Grace {
  readonly #ms: number
  #endsAt: number | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  /** The shutdown begins. */
  begin(): void {
    this.#endsAt = performance.now() + this.#ms
  }

  /** The rest of it, in milliseconds; all of it before the shutdown. */
  readonly leftMs = (): number =>
    this.#endsAt === undefined ? this.#ms : Math.max(0, this.#endsAt - performance.now())
}
