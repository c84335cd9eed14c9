import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Call, Deliver, Delivered, DeliveryPolicy } from './deliver.ts'
import { callAt, notReady, notStarted, tooLate, type EndpointOptions } from './endpoint.ts'
import { hold } from './hold.ts'
import type { Origins } from './origins.ts'
import type { Entered, NoPlace, Place, Processes } from './processes.ts'

export interface ProcessCallDeps {
  readonly processes: Processes
  readonly origins: Pick<Origins, 'own'>
}

/**
 * Calls a local process of the step once. While none has a place, the call is held in order: that counts against the
 * deadline of the request, not against the timeout, and is not an attempt. `traced` is around the call itself.
 */
export function processCall(
  key: string,
  options: EndpointOptions,
  traced: DeliveryPolicy,
  { processes, origins }: ProcessCallDeps
): Deliver {
  const callIn = async (place: Place, event: CloudEvent, call: Call): Promise<Delivered> => {
    const location = { kind: 'at', origin: origins.own(place.url), path: '/' } as const
    try {
      const delivered = await traced((...args) => callAt(location, options, ...args))(event, call)
      const broke = delivered.kind === 'failed' && breaks.has(delivered.error.code)
      return broke && (await place.lost()) ? lost(delivered.error) : delivered
    } finally {
      place.leave()
    }
  }
  return (event, call) => {
    const place = processes.take(key)
    if (place !== undefined) return callIn(place, event, call)
    return hold<Entered>(call, settle => processes.wait(key, settle)).then(entered => {
      if (entered === 'ended') return { kind: 'cancelled' }
      if (entered === 'late') return tooLate(options)
      return entered.kind === 'place' ? callIn(entered, event, call) : noPlace(entered, options)
    })
  }
}

function noPlace(why: NoPlace, options: EndpointOptions): Delivered {
  if (why.kind === 'unavailable') return notReady(options, why.reason)
  return notStarted(options, `its process ${why.reason}`, why.retryAfterMs)
}

/** Failures that the end of a process looks like. */
const breaks: ReadonlySet<SluiceError['code']> = new Set(['STEP_UNREACHABLE', 'STEP_BAD_REPLY'])

/** It is started again: retries cannot multiply such an outage. */
const lost = (error: SluiceError): Delivered => ({ kind: 'failed', error: error.with({ processLost: true }) })
