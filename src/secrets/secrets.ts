import { variable, type Environment } from '../pipeline/environment.ts'
import { WatchedFile } from './watched-file.ts'

/** A key of a Kubernetes Secret at this moment, or why it has no value. */
export type SecretReading =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'missing'; readonly reason: string }

/** Knows the Secrets that were asked for. */
export type ReadSecret = (namespace: string, name: string, key: string) => SecretReading

/** Knows the tokens for audiences, by namespace. */
export type ReadToken = (namespace: string, audience: string) => SecretReading

/** The values that Kubernetes has beside files and variables. */
export interface ClusterValues {
  readonly secret: ReadSecret
  readonly token: ReadToken
}

const elsewhere: ReadSecret = (_namespace, name) => ({
  kind: 'missing',
  reason: `the Secret ${name} is read on Kubernetes only`
})

const noToken: ReadToken = (_namespace, audience) => ({
  kind: 'missing',
  reason: `tokens for the audience ${audience} are given on Kubernetes only`
})

/**
 * Values that this process looks up when they are needed: its environment and files. Nothing of it is kept elsewhere.
 */
export class Secrets {
  readonly environment: Environment
  readonly #files = new Map<string, WatchedFile>()
  readonly #listeners = new Set<() => void>()

  readonly #cluster: ClusterValues

  /** The values that Kubernetes has, where this is a part of it. */
  constructor(environment: Environment, cluster: ClusterValues = { secret: elsewhere, token: noToken }) {
    this.environment = environment
    this.#cluster = cluster
  }

  secret(namespace: string, name: string, key: string): SecretReading {
    return this.#cluster.secret(namespace, name, key)
  }

  token(namespace: string, audience: string): SecretReading {
    return this.#cluster.token(namespace, audience)
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
