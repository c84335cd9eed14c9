import type { Resolve } from './compile-scope.ts'

const none: ReadonlyMap<string, string> = new Map()

/** Resolves as another one does, and notes the addresses that it gave. */
export class NotedAddresses implements Resolve {
  readonly #resolve: Resolve
  #found: Map<string, string> | undefined

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  get hasTokens(): boolean {
    return this.#resolve.hasTokens === true
  }

  /** By the keys that were asked for. */
  get found(): ReadonlyMap<string, string> {
    return this.#found ?? none
  }

  get(key: string): string | undefined {
    const url = this.#resolve.get(key)
    if (url !== undefined) (this.#found ??= new Map()).set(key, url)
    return url
  }
}
