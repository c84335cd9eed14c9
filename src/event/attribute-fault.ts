import { SluiceError } from '../errors.ts'

/** An INVALID_EVENT about one attribute; `what` completes the sentence. */
export function attributeFault(name: string, what: string): SluiceError {
  return new SluiceError('INVALID_EVENT', `the attribute ${shown(name)} ${what}`)
}

/** A value as an error shows it: quoted and not too long. */
export const shown = (value: unknown): string => shorten(JSON.stringify(value) ?? String(value))

const maxShown = 64
const shorten = (text: string): string => (text.length > maxShown ? `${text.slice(0, maxShown)}…` : text)
