import type { EndSignal } from '../../event/end-signal.ts'

/** Remembers that something changed until somebody asks for it. */
export class NextChange implements Disposable {
  readonly #listening: Disposable
  #changed = false
  #wake: (() => void) | undefined

  /** `listen` is given what to call at each change. */
  constructor(listen: (onChange: () => void) => Disposable) {
    this.#listening = listen(() => {
      this.#changed = true
      this.#wake?.()
    })
  }

  /** Resolves at the first change since it resolved before, or after `timeoutMs`, or when the signal aborts. */
  async next(timeoutMs: number, signal: EndSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, timeoutMs)
      signal.addEventListener('abort', this.#wake)
      await promise
      clearTimeout(timer)
      signal.removeEventListener('abort', this.#wake)
    }
    this.#changed = false
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]()
  }
}
