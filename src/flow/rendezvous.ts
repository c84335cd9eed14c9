import { createHash } from 'node:crypto'

/** A possible owner of a key: a name, and its share relative to the others. */
export interface Weighted {
  readonly name: string
  /** 0 is never chosen. */
  readonly weight: number
}

/**
 * One of the choices, by rendezvous hashing over their names: each key scores every choice, and the highest score wins.
 * So a choice that is added, or whose weight grows, takes only its share from the others, and everybody chooses alike.
 * Throws when no weight is above 0.
 */
export function rendezvous<T extends Weighted>(key: string, choices: readonly T[]): T {
  const chosen = choices
    .filter(({ weight }) => weight > 0)
    .map(choice => ({ choice, score: -choice.weight / Math.log(fractionOf(key, choice.name)) }))
    .reduce((best, next) => (next.score > best.score ? next : best))
  return chosen.choice
}

/** Evenly spread between 0 and 1, both excluded. Names have no zero in them, so no two pairs read the same. */
function fractionOf(key: string, name: string): number {
  const digest = createHash('sha256').update(`${name}\0${key}`).digest()
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48
}
