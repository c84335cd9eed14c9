/** Numbers that look random, the same ones for the same seed and name on every machine. */
export class Random {
  #state: number

  /** `name` tells apart what is drawn from one seed: each input of a fuzz has numbers of its own. */
  constructor(seed: number, name: string) {
    this.#state = seed | 0
    for (const character of name) this.#state = Math.imul(this.#state ^ character.charCodeAt(0), 0x01000193)
  }

  /** A whole number from 0, below the limit. */
  below(limit: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  /** True in one of so many cases. */
  oneIn(cases: number): boolean {
    return this.below(cases) === 0
  }

  pick<T>(choices: readonly [T, ...T[]]): T
  pick<T>(choices: readonly T[]): T | undefined
  pick<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length)]
  }
}
