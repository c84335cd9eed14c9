/** A definition, and what becomes of it in each kind of edit, by the names of the steps. */
export const original = ['a', 's', 'c'] as const

export const edits: Readonly<Record<string, readonly string[]>> = {
  'the first removed': ['s', 'c'],
  'a new one first': ['new', 'a', 's', 'c'],
  'one renamed': ['a', 'renamed', 'c'],
  reversed: ['c', 's', 'a'],
  'one left': ['s']
}
