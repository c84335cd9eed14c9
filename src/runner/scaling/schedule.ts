import { cronOf } from '../../pipeline/cron.ts'
import type { ScheduledBounds } from '../../pipeline/process-spec.ts'
import type { Bounds } from './wanted-instances.ts'

/** The entry of a schedule whose time came last before `now`, and when the next of any comes. */
export interface Held {
  /** `undefined`: none of them ever came. */
  readonly entry: ScheduledBounds | undefined
  /** Milliseconds since the epoch; Infinity: never. */
  readonly until: number
}

/** `now` is in milliseconds since the epoch; of entries with one time the last one holds. */
export function heldAt(schedule: readonly ScheduledBounds[], now: number): Held {
  // An entry holds at its very time.
  const after = new Date(now + 1)
  let entry: ScheduledBounds | undefined
  let since = -Infinity
  let until = Infinity
  for (const each of schedule) {
    const cron = cronOf(each.cron, each.timezone)
    const [last] = cron.previousRuns(1, after)
    if (last !== undefined && last.getTime() >= since) {
      since = last.getTime()
      entry = each
    }
    until = Math.min(until, cron.nextRun(new Date(now))?.getTime() ?? Infinity)
  }
  return { entry, until }
}

/** The bounds of a step as its schedule changes them. */
export class ScheduledScaling {
  #schedule: readonly ScheduledBounds[] = []
  #held: Held = { entry: undefined, until: -Infinity }

  /** `now` is in milliseconds since the epoch. */
  boundsAt(own: Bounds & { readonly schedule: readonly ScheduledBounds[] }, now: number): Bounds {
    if (own.schedule.length === 0) return own
    if (own.schedule !== this.#schedule || now >= this.#held.until) {
      this.#schedule = own.schedule
      this.#held = heldAt(own.schedule, now)
    }
    return this.#held.entry ?? own
  }
}
