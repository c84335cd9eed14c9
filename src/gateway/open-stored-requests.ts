import { FormerGenerations } from '../control/former-generations.ts'
import type { Grace } from '../control/grace.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { HeldPipelines } from '../mover/held-pipelines.ts'
import { startMover, type Mover } from '../mover/mover.ts'
import { createStoredRequests, type StoredRequests } from '../stored/stored-requests.ts'
import type { Waiters } from '../stored/waiters.ts'
import type { HeadView } from './head-view.ts'
import { generationsIn } from './generations-in.ts'
import type { ProcessParts } from './process-parts.ts'
import type { ServingParts } from './serving-parts.ts'

export interface OpenStoreDeps {
  readonly head: HeadView
  readonly holds: HeldPipelines
  readonly leaseMs: number
  readonly parts: ServingParts
  readonly waiters: Waiters
  /** This start of this process. */
  readonly owner: string
  readonly grace: Grace
}

/** The ledger, the mover that works on it, and what callers can have of both. */
export interface OpenStore extends AsyncDisposable {
  readonly ledger: Ledger
  readonly mover: Mover
  readonly requests: StoredRequests
}

/** Rejects with STORE_UNAVAILABLE. */
export async function openStoredRequests(
  { config, resolve, log, metrics, tracer }: ProcessParts,
  { parts, waiters, owner, head, holds, leaseMs, grace }: OpenStoreDeps
): Promise<OpenStore> {
  await using opened = new AsyncDisposableStack()
  const { ledger } = opened.use(await head.openLedger())
  const { registry, memory } = parts
  const generations = generationsIn(config, ledger)
  const former = opened.use(
    new FormerGenerations({
      registry,
      meaning: { resolve, environment: config.processEnv },
      lookUp: head.lookUp,
      read: (pipeline, generation) => generations.read(pipeline, generation),
      onProcesses: head.needProcesses,
      log
    })
  )
  const mover = opened.use(
    startMover({
      ledger,
      find: pipeline => registry.get(pipeline),
      servingOf: record => former.servingOf(record),
      metrics,
      memory,
      tracer,
      log,
      holds: everywhere(holds, head),
      owner,
      leaseMs,
      graceLeftMs: grace.leftMs
    })
  )
  // The process that carries it out counts it: that happens once, while the run, if there is one, may be anywhere.
  const cancelled = (pipeline: string, id: string): void => {
    registry.get(pipeline)?.metrics.cancelled()
    head.cancel(pipeline, id)
  }
  const requests = createStoredRequests({ ledger, mover, waiters, cancelled })
  const owned = opened.move()
  return { ledger, mover, requests, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Lanes that wait for a breaker are known to this process and to the gateway. */
const everywhere = (holds: HeldPipelines, head: HeadView): Pick<HeldPipelines, 'hold'> => ({
  hold(...held) {
    holds.hold(...held)
    head.hold(...held)
  }
})
