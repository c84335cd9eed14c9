import type { RunningCall } from '../flow/request.ts'

/** The call, to be seen among those of its request until the answer is disposed of. */
export function showCall(calls: Set<RunningCall>, call: RunningCall): Disposable {
  calls.add(call)
  return { [Symbol.dispose]: () => void calls.delete(call) }
}
