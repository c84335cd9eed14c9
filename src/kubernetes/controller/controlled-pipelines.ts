import { resources } from '../resources.ts'
import { PipelinesOfKind, type PipelinesOfKindDeps } from './pipelines-of-kind.ts'
import type { SeenPipeline } from './seen-pipeline.ts'

/** The pipelines of both kinds: nobody is there before they are opened. */
export class ControlledPipelines implements AsyncDisposable {
  readonly #kinds: PipelinesOfKind[] = []

  open(deps: Omit<PipelinesOfKindDeps, 'find' | 'partner' | 'onChange' | 'onList'>): void {
    const all = {
      ...deps,
      find: (key: string) => this.#find(key),
      // The other kind of this name is one pipeline with it.
      onChange: (key: string) => this.look(key),
      onList: () => this.lookAtAll()
    }
    const [first, second] = [resources.servingPipelines, resources.pipelines].map((resource, i) => {
      const partner = (key: string): SeenPipeline | undefined => this.#kinds[1 - i]?.get(key)
      return new PipelinesOfKind(resource, { ...all, partner })
    })
    if (first !== undefined && second !== undefined) this.#kinds.push(first, second)
  }

  /** Something is pausing or being deleted. */
  get areUrgent(): boolean {
    return this.#kinds.some(({ isUrgent }) => isUrgent)
  }

  /** How many wait to be looked at. */
  get waiting(): number {
    return this.#kinds.reduce((sum, { waiting }) => sum + waiting, 0)
  }

  /** Why they cannot be seen; `undefined`: they can. */
  get fault(): string | undefined {
    return this.#kinds[0]?.fault
  }

  look(key: string): void {
    for (const kind of this.#kinds) kind.look(key)
  }

  lookAtAll(): void {
    for (const kind of this.#kinds) kind.lookAtAll()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#kinds.map(kind => kind[Symbol.asyncDispose]()))
  }

  #find(key: string): SeenPipeline | undefined {
    return this.#kinds.map(kind => kind.get(key)).find(seen => seen !== undefined)
  }
}
