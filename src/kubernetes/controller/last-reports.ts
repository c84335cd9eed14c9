import { notAsked, type Reports } from './gateway-report.ts'
import type { Gateways } from './gateways.ts'

/** How often the gateways are asked; and while something is pausing or being deleted, in milliseconds. */
const usualMs = 15_000
const urgentMs = 1_000

export interface LastReportsDeps {
  readonly gateways: Pick<Gateways, 'ask'>
  /** Nobody else has to know. */
  readonly leads: () => boolean
  /** Something is pausing or being deleted. */
  readonly isUrgent: () => boolean
  readonly onReports: (reports: Reports) => void
}

/** The last words of the gateways, which are asked again and again. */
export class LastReports implements AsyncDisposable {
  readonly #deps: LastReportsDeps
  readonly #timer: NodeJS.Timeout
  #asking: Promise<void> | undefined
  #askedAt = -Infinity
  #reports: Reports = notAsked

  constructor(deps: LastReportsDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => {
      this.#asking ??= this.#askInTime().finally(() => (this.#asking = undefined))
    }, urgentMs)
  }

  get reports(): Reports {
    return this.#reports
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#asking
  }

  async #askInTime(): Promise<void> {
    const { gateways, leads, isUrgent, onReports } = this.#deps
    if (!leads() || (!isUrgent() && performance.now() - this.#askedAt < usualMs)) return
    this.#askedAt = performance.now()
    this.#reports = await gateways.ask()
    onReports(this.#reports)
  }
}
