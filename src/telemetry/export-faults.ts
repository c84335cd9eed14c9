import { diag, DiagLogLevel } from '@opentelemetry/api'
import type { Logger } from './log.ts'

/** A collector that was well, or not asked, for so long is a new outage when it is away again, in milliseconds. */
const quietMs = 600_000
const maxReason = 300
/** The SDK's words on an export that did not succeed at once. */
const retrying = /^Scheduling export retry/
const recovered = /^Export succeeded after/

/** Tells the log once that traces cannot be exported, however often the SDK says so. */
export class ExportFaults {
  readonly #log: Pick<Logger, 'warn'>
  #lastAt = -Infinity

  constructor(log: Pick<Logger, 'warn'>) {
    this.#log = log
  }

  /** Whether the last of them was a moment ago. */
  get away(): boolean {
    return performance.now() - this.#lastAt < quietMs
  }

  /** Takes what the SDK says from now on; OTEL_LOG_LEVEL, where it is set, is stronger. */
  listen(): void {
    const error = (message: string): void => this.#tell(reasonOf(message))
    // It repeats an export for ten seconds before it calls that an error.
    const verbose = (message: string): void => {
      if (retrying.test(message)) this.#tell('the collector cannot be reached, or takes none now; they are tried again')
      else if (recovered.test(message)) this.#lastAt = -Infinity
    }
    const nothing = (): void => {}
    diag.setLogger({ error, warn: nothing, info: nothing, debug: nothing, verbose }, DiagLogLevel.VERBOSE)
  }

  #tell(reason: string): void {
    const known = this.away
    this.#lastAt = performance.now()
    if (known) return
    this.#log.warn({ reason }, 'traces cannot be exported; what the collector does not take in time is lost')
  }
}

/** The SDK tells errors as JSON, with their stack and what the collector answered. */
function reasonOf(message: string): string {
  try {
    const told: unknown = JSON.parse(message)
    if (typeof told === 'object' && told !== null && 'message' in told) return String(told.message).slice(0, maxReason)
  } catch {
    // Text.
  }
  return message.slice(0, maxReason)
}
