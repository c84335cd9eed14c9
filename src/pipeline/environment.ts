/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** `${NAME}`, `${NAME:-otherwise}`, and `$${`, which is a literal `${`. */
const reference = /\$\$\{|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<otherwise>[^}]*))?\}/g

export interface FilledIn {
  readonly text: string
  /** Names that are not set; they stand in the text as they were written. */
  readonly unset: readonly string[]
}

/** The text with its variables filled in. Text that has another form than a reference stays as it is. */
export function fillIn(text: string, environment: Environment): FilledIn {
  if (!text.includes('${')) return { text, unset: none }
  const unset: string[] = []
  const filled = text.replace(reference, (written: string, name: string | undefined, otherwise: string | undefined) => {
    if (name === undefined) return '${'
    const value = variable(environment, name)
    // As in a shell, `:-` stands in for what is empty too.
    if (otherwise !== undefined) return value === undefined || value === '' ? otherwise : value
    if (value === undefined) unset.push(name)
    return value ?? written
  })
  return { text: filled, unset }
}

/** The variables that a text refers to. */
export const namesIn = (text: string): string[] =>
  [...text.matchAll(reference)].flatMap(({ groups }) => groups?.['name'] ?? [])

/** Whether the text says something else than it will when its variables are filled in. */
export const hasReferences = (text: string): boolean => text.includes('${') && text.search(reference) >= 0

/** A variable that an object only inherits is not set. */
export const variable = (environment: Environment, name: string): string | undefined =>
  Object.hasOwn(environment, name) ? environment[name] : undefined

const none: readonly string[] = []
