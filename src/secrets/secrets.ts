import type { ClusterSource } from '../pipeline/cluster-source.ts'
import { variable, type Environment } from '../pipeline/environment.ts'
import { WatchedFile } from './watched-file.ts'

/** A value of Kubernetes at this moment, or why there is none. */
export type SecretReading =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'missing'; readonly reason: string }

/** Knows the values that Kubernetes has beside files and variables. */
export type ReadCluster = (source: ClusterSource) => SecretReading

const elsewhere: ReadCluster = source => ({
  kind: 'missing',
  reason:
    source.kind === 'token'
      ? `tokens for the audience ${source.audience} are given on Kubernetes only`
      : `the Secret ${source.secret} is read on Kubernetes only`
})

/**
 * Values that this process looks up when they are needed: its environment and files. Nothing of it is kept elsewhere.
 */
export class Secrets {
  readonly environment: Environment
  readonly #files = new Map<string, WatchedFile>()
  readonly #listeners = new Set<() => void>()
  /** The value that Kubernetes has, where this is a part of it. */
  readonly cluster: ReadCluster

  constructor(environment: Environment, cluster: ReadCluster = elsewhere) {
    this.environment = environment
    this.cluster = cluster
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
