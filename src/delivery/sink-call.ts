import { SluiceError, toSluiceError } from '../errors.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import { attemptTimeout, outOfTime, tooLate, type EndpointOptions } from './endpoint.ts'
import { timerMs } from './wait.ts'

/** Gives an event to a sink once, within the time of an attempt and of the request. */
export const sinkCall =
  (sinkFor: (place: string) => Sink, options: EndpointOptions): Deliver =>
  (event, call) => {
    if (call.signal.aborted) return Promise.resolve({ kind: 'cancelled' })
    const remainingMs = call.deadline - performance.now()
    if (remainingMs <= 0) return Promise.resolve(tooLate(options))
    call.attempts.count++
    options.attempted?.()
    return taking(sinkFor(options.identify(call).source).take(event), options, call, remainingMs)
  }

/** Ends with the sink, the signal or the time. A sink cannot be told to stop: what comes of it after this is left to itself. */
function taking(
  taken: Promise<void>,
  options: EndpointOptions,
  { signal }: Call,
  remainingMs: number
): Promise<Delivered> {
  const { label, timeoutMs } = options
  return new Promise(resolve => {
    const end = (delivered: Delivered): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      resolve(delivered)
    }
    const failed = (error: SluiceError): void => end({ kind: 'failed', error })
    const giveUp = (): void => end({ kind: 'cancelled' })
    const late = (): void => end(remainingMs > timeoutMs ? timedOut(options) : outOfTime(options, remainingMs))
    const timer = setTimeout(late, timerMs(attemptTimeout(timeoutMs, remainingMs)))
    signal.addEventListener('abort', giveUp)
    taken.then(
      () => end({ kind: 'empty' }),
      (thrown: unknown) => {
        const error = toSluiceError(thrown)
        failed(error.said(`${label} did not take the event: ${error.message}`))
      }
    )
  })
}

function timedOut({ label, timeoutMs }: EndpointOptions): Delivered {
  const message = `${label} did not take the event within ${timeoutMs} ms`
  return { kind: 'failed', error: new SluiceError('STEP_TIMEOUT', message) }
}
