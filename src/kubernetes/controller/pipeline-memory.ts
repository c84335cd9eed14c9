import { defaults } from '../../pipeline/defaults.ts'
import type { ParsedPipeline } from '../../pipeline/parsed-pipeline.ts'
import { countsOf } from './counts.ts'
import type { Reports } from './gateway-report.ts'
import type { SeenPipeline } from './seen-pipeline.ts'
import { firstWriting, type Writing } from './status-writer.ts'

/** After the grace period, a gateway has so long to end or put back what is left, in milliseconds. */
export const cutMs = 5_000

/** The memory of a pipeline between two looks. */
export interface Memory {
  readonly uid: string | undefined
  /** The last definition that had no faults. */
  good: ParsedPipeline | undefined
  /** The same of the other kind. */
  partnerGood: ParsedPipeline | undefined
  readonly writing: Writing
  /** Since when it has been pausing or being deleted, by `performance.now()`. */
  drainingSince: number | undefined
  /** All that was in flight has ended. */
  isDrained: boolean
  /** The names of what was deployed for entries of traffic and was ready once. */
  readonly served: Set<string>
  /** The definition that is deployed; `undefined`: none was looked at yet. */
  definition: SeenDefinition | undefined
  /** The names of what runs although the definition does not have it any more. */
  former: ReadonlySet<string>
  /** Since when its children are being removed, by `performance.now()`. */
  removingSince: number | undefined
}

export interface SeenDefinition {
  readonly generation: number
  /** When it was seen first, by `performance.now()`. */
  readonly seenAt: number
  /** Since when no gateway needs what the one before had; `undefined`: one may. */
  unusedAt: number | undefined
}

export class Memories {
  readonly #memories = new Map<string, Memory>()

  /** Something is pausing, being deleted or waits to go, so that the gateways are to be asked at once. */
  get areUrgent(): boolean {
    return [...this.#memories.values()].some(
      ({ drainingSince, isDrained, former }) => (drainingSince !== undefined && !isDrained) || former.size > 0
    )
  }

  /** That of the same pipeline, with its last good definition. */
  of(key: string, { object, read }: SeenPipeline): Memory {
    const { uid } = object.metadata
    let memory = this.#memories.get(key)
    if (memory === undefined || memory.uid !== uid) {
      memory = {
        uid,
        good: undefined,
        partnerGood: undefined,
        writing: firstWriting(object.status?.phase),
        drainingSince: undefined,
        isDrained: object.status?.phase === 'Paused',
        served: new Set(),
        definition: undefined,
        former: new Set(),
        removingSince: undefined
      }
      this.#memories.set(key, memory)
    }
    memory.good = read.pipelines[0] ?? memory.good
    return memory
  }

  forget(key: string): void {
    this.#memories.delete(key)
  }
}

export interface DrainOptions {
  readonly key: string
  /** It is being paused or deleted. */
  readonly drains: boolean
  readonly graceSeconds: number | undefined
  readonly reports: Reports
}

/** Follows what the gateways say of a pause, or of a deletion. */
export function followDrain(memory: Memory, { key, drains, graceSeconds, reports }: DrainOptions): void {
  if (!drains) {
    Object.assign(memory, { drainingSince: undefined, isDrained: false })
    return
  }
  if (memory.isDrained) return
  const now = performance.now()
  // The gateways are asked after this moment: what they said before does not count.
  if (memory.drainingSince === undefined) {
    memory.drainingSince = now
    return
  }
  const { phases } = countsOf(key, reports)
  const graceMs = (graceSeconds ?? defaults.pauseGracePeriodSeconds) * 1000
  const isLate = now > memory.drainingSince + graceMs + cutMs
  const areThrough = phases.every(phase => phase === 'Paused' || phase === 'Gone') && reports.silent.length === 0
  memory.isDrained = reports.askedAt > memory.drainingSince && (areThrough || isLate)
}
