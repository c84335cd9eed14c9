import type { WatchedFile } from '../secrets/watched-file.ts'
import type { Logger } from '../telemetry/log.ts'
import { readTokens, type NamedToken } from './read-tokens.ts'
import { tokenDigest } from './token-digest.ts'

/** The named tokens of a file, which is read again when it changes; one that is faulty then keeps those that were. */
export class TokenFile {
  readonly #file: WatchedFile
  readonly #log: Logger
  #text: string | undefined
  #names: ReadonlyMap<string, string> = new Map()

  /** Throws where the file cannot be read, or is faulty. */
  constructor(file: WatchedFile, log: Logger) {
    this.#file = file
    this.#log = log
    const reading = file.read()
    if (reading.kind === 'unreadable') throw new Error(`--auth-tokens: ${file.path} ${reading.reason}`)
    const fault = this.#take(reading.text)
    if (fault !== undefined) throw new Error(`--auth-tokens: ${file.path}: ${fault}`)
  }

  /** The name of the token with this digest; `undefined`: there is none. */
  nameOf(digest: string): string | undefined {
    const reading = this.#file.read()
    if (reading.kind === 'text' && reading.text !== this.#text) {
      const fault = this.#take(reading.text)
      const file = this.#file.path
      if (fault === undefined) this.#log.info({ file, tokens: this.#names.size }, 'the tokens were read again')
      else this.#log.warn({ file, fault }, 'the tokens are faulty; those that were before are valid still')
    }
    return this.#names.get(digest)
  }

  #take(text: string): string | undefined {
    this.#text = text
    const read = readTokens(text)
    if (read.kind === 'faulty') return read.fault
    this.#names = new Map(read.tokens.map(({ name, token }: NamedToken) => [tokenDigest(token), name]))
    return undefined
  }
}
