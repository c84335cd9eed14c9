import { SluiceError, toSluiceError } from '../errors.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import { tooLate, type EndpointOptions } from './endpoint.ts'

/** Gives an event to a sink once, within the time of an attempt. */
export const sinkCall =
  (sinkFor: (place: string) => Sink, options: EndpointOptions): Deliver =>
  (event, call) => {
    if (call.deadline <= performance.now()) return Promise.resolve(tooLate(options))
    call.attempts.count++
    options.attempted?.()
    return within(sinkFor(options.identify(call).source).take(event), options, call)
  }

/** A sink cannot be told to stop: what comes of it after this is left to itself. */
function within(taken: Promise<void>, { label, timeoutMs }: EndpointOptions, { signal }: Call): Promise<Delivered> {
  return new Promise(resolve => {
    const end = (delivered: Delivered): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      resolve(delivered)
    }
    const failed = (error: SluiceError): void => end({ kind: 'failed', error })
    const giveUp = (): void => end({ kind: 'cancelled' })
    const timer = setTimeout(
      () => failed(new SluiceError('STEP_TIMEOUT', `${label} did not take the event within ${timeoutMs} ms`)),
      timeoutMs
    )
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
