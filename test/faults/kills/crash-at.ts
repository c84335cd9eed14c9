import type { Ledger } from '../../../src/ledger/ledger.ts'

/** Where a process ends as if by `kill -9`: before or after the n-th call of one operation of its ledger. */
export interface CrashPoint {
  /** `settle`, or `deadLetters.replay`. */
  readonly operation: string
  readonly moment: 'before' | 'after'
  readonly nth: number
}

/** The ledger, in a process that ends there. */
export function crashAt(ledger: Ledger, point: CrashPoint): Ledger {
  const calls = { left: point.nth }
  return crashing(ledger, '', point, calls)
}

function crashing<T extends object>(part: T, path: string, point: CrashPoint, calls: { left: number }): T {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      const here = path + String(name)
      if (typeof value === 'function') {
        return here === point.operation ? crashingCall(value.bind(target), point, calls) : value.bind(target)
      }
      return typeof value === 'object' && value !== null ? crashing(value, `${here}.`, point, calls) : value
    }
  })
}

type Call = (...args: unknown[]) => Promise<unknown>

const crashingCall =
  (call: Call, { moment }: CrashPoint, calls: { left: number }): Call =>
  async (...args) => {
    const isLast = --calls.left === 0
    if (isLast && moment === 'before') await die()
    const answer = await call(...args)
    if (isLast) await die()
    return answer
  }

/** Nothing is done any more, though the signal takes its time. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}
