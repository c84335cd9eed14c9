/** Whether a text matches a pattern of LIKE. */
export type Matches = (text: string) => boolean

/** Consecutive characters of a pattern; `undefined` stands for any one. */
type Piece = readonly (string | undefined)[]

/**
 * A pattern of LIKE: `%` stands for any characters, `_` for one, and a backslash takes that from them. A piece between
 * two `%` is taken where it is found first, so the time is at most the product of both lengths.
 */
export function compileLike(pattern: string): Matches {
  const pieces = piecesOf(pattern)
  const [first = [], ...others] = pieces
  const last = others.pop()
  return text => {
    const characters = charactersOf(text)
    if (!matchesAt(first, characters, 0)) return false
    if (last === undefined) return characters.length === first.length
    let from = first.length
    for (const piece of others) {
      const found = find(piece, characters, from)
      if (found === undefined) return false
      from = found + piece.length
    }
    const end = characters.length - last.length
    return end >= from && matchesAt(last, characters, end)
  }
}

function piecesOf(pattern: string): Piece[] {
  const pieces: (string | undefined)[][] = [[]]
  for (const [part] of pattern.matchAll(/\\[%_]|[^]/gu)) {
    if (part === '%') pieces.push([])
    else
      pieces.at(-1)?.push(part === '_' ? undefined : part.length === 2 && part.startsWith('\\') ? part.slice(1) : part)
  }
  return pieces
}

function find(piece: Piece, characters: Characters, from: number): number | undefined {
  for (let at = from; at + piece.length <= characters.length; at++) if (matchesAt(piece, characters, at)) return at
  return undefined
}

const matchesAt = (piece: Piece, characters: Characters, at: number): boolean =>
  at + piece.length <= characters.length &&
  piece.every((character, i) => character === undefined || character === characters[at + i])

/** A text by its characters, of which those beyond the first plane are two in a string. */
export type Characters = string | readonly string[]

export const charactersOf = (text: string): Characters => (/[\uD800-\uDFFF]/.test(text) ? Array.from(text) : text)
