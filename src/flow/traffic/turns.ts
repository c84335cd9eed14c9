/** An entry of a step's traffic, and its share of the calls. */
export interface EntryShare {
  readonly name: string
  readonly percent: number
  /** Of an entry that is rolled out, what names its destination; absent: the percent is that of the definition. */
  readonly rolled?: string
}

/** Whose turn it is among the entries of a step. */
export interface Turns {
  /** `step`: the pipeline and the path. Answers the name of an entry. */
  next(step: string, entries: readonly EntryShare[]): string | Promise<string>
}

/** The names of steps in turns: a pipeline has no blank in its name, nor has a path. */
export const stepKey = (pipeline: string, path: string): string => `${pipeline} ${path}`

export const isStepOf = (pipeline: string, step: string): boolean => step.startsWith(`${pipeline} `)

/** Whose turn it is among the entries of a step. */
interface TurnOf {
  readonly shares: readonly EntryShare[]
  /** How much each entry is owed; their sum is always 0. */
  readonly owed: number[]
}

/**
 * Takes entries in turn: each call goes to the one that is owed most. Of any hundred calls in a row each entry gets as
 * many as its percent says, spread evenly.
 */
export class LocalTurns implements Turns {
  readonly #steps = new Map<string, TurnOf>()
  readonly #sharesOf: (step: string, entries: readonly EntryShare[]) => readonly EntryShare[]

  /** `sharesOf`: the shares that hold now, where they are others than those of the definition. */
  constructor(sharesOf = (_step: string, entries: readonly EntryShare[]): readonly EntryShare[] => entries) {
    this.#sharesOf = sharesOf
  }

  next(step: string, entries: readonly EntryShare[]): string {
    const shares = this.#sharesOf(step, entries)
    const { owed } = this.#turnOf(step, shares)
    let chosen = 0
    let total = 0
    shares.forEach(({ percent }, i) => {
      total += percent
      owed[i] = (owed[i] ?? 0) + percent
      if (percent > 0 && (owed[i] > (owed[chosen] ?? 0) || shares[chosen]?.percent === 0)) chosen = i
    })
    owed[chosen] = (owed[chosen] ?? 0) - total
    return shares[chosen]?.name ?? ''
  }

  /** Nothing is known any more of the steps of a pipeline. */
  forget(pipeline: string): void {
    for (const step of this.#steps.keys()) if (isStepOf(pipeline, step)) this.#steps.delete(step)
  }

  #turnOf(step: string, entries: readonly EntryShare[]): TurnOf {
    const known = this.#steps.get(step)
    if (known !== undefined && sameShares(known.shares, entries)) return known
    const turn = { shares: entries, owed: entries.map(() => 0) }
    this.#steps.set(step, turn)
    return turn
  }
}

const sameShares = (a: readonly EntryShare[], b: readonly EntryShare[]): boolean =>
  a === b ||
  (a.length === b.length && a.every(({ name, percent }, i) => name === b[i]?.name && percent === b[i].percent))
