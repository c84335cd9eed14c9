import type { Call, Deliver } from './deliver.ts'
import { notStarted, tooLate, type EndpointOptions } from './endpoint.ts'
import { hold } from './hold.ts'
import type { ServiceLine } from './service-line.ts'
import { timerMs } from './wait.ts'

/**
 * Calls a Service. While nothing is ready behind it, the call is held in order: that counts against the deadline of the
 * request, not against the timeout, and is not an attempt.
 */
export function serviceCall(line: ServiceLine, options: EndpointOptions, deliver: Deliver): Deliver {
  return (event, call) => {
    if (line.isOpen) return line.pass(deliver, event, call)
    return inLine(line, call).then(({ entered, reason }) => {
      switch (entered) {
        case 'ended':
          return { kind: 'cancelled' }
        case 'late':
          return tooLate(options, reason)
        case 'long':
          return notStarted(options, reason, againMs)
        case 'in':
          return line.pass(deliver, event, call)
      }
    })
  }
}

/** Waits in line; `reason`: why, at the last. */
async function inLine(line: ServiceLine, call: Call) {
  let reason = line.reason
  const entered = await hold<'in' | 'long'>(call, settle => {
    const leave = line.wait(call.requestId, () => {
      clearTimeout(timer)
      settle('in')
    })
    const leaveNow = (): void => {
      reason = line.reason
      clearTimeout(timer)
      leave()
    }
    const timer = limit(call.maxHoldMs, () => {
      leaveNow()
      settle('long')
    })
    return leaveNow
  })
  return { entered, reason }
}

const limit = (ms: number, end: () => void): NodeJS.Timeout | undefined =>
  ms === Infinity ? undefined : setTimeout(end, timerMs(ms))

/** Held again this soon, in milliseconds. */
const againMs = 1_000
