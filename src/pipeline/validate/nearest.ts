/** The candidate that a person who wrote `word` most likely meant; `undefined`: none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance >= bestDistance || distance > allowedDistance(word, candidate)) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** A third of the letters may be wrong, but in a long word not more than three. */
const allowedDistance = (word: string, candidate: string): number =>
  Math.min(3, Math.ceil(Math.max(word.length, candidate.length) / 3))

/** Longer than any field; the distance costs the product of both lengths. */
const longestWord = 64

/** Levenshtein's: insertions, deletions and replacements that make one word the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
