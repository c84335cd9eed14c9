import { variable, type Environment } from '../pipeline/environment.ts'
import { WatchedFile } from './watched-file.ts'

/**
 * Values that this process looks up when they are needed: its environment and files. Nothing of it is kept elsewhere.
 */
export class Secrets {
  readonly environment: Environment
  readonly #files = new Map<string, WatchedFile>()
  readonly #listeners = new Set<() => void>()

  constructor(environment: Environment) {
    this.environment = environment
  }

  variable(name: string): string | undefined {
    return variable(this.environment, name)
  }

  /** One for each path, however many name it. */
  file(path: string): WatchedFile {
    let file = this.#files.get(path)
    if (file === undefined) this.#files.set(path, (file = new WatchedFile(path)))
    return file
  }

  /** Has every file read at its next use, whether it looks changed or not. */
  readAgain(): void {
    for (const file of this.#files.values()) file.readAgain()
    for (const listener of this.#listeners) listener()
  }

  /** Tells whoever keeps something made of files, or of what is elsewhere, to look again. */
  onReadAgain(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }
}
