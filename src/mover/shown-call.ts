import type { RunningCall } from '../flow/request.ts'

/** A call, to be seen among those of its request until this is disposed of. */
export class ShownCall implements Disposable {
  readonly #calls: Set<RunningCall>
  readonly #call: RunningCall

  constructor(calls: Set<RunningCall>, call: RunningCall) {
    this.#calls = calls
    this.#call = call
    calls.add(call)
  }

  [Symbol.dispose](): void {
    this.#calls.delete(this.#call)
  }
}
