import { messageOf } from '../errors.ts'
import type { Documents } from '../ledger/documents.ts'
import type { Runner } from '../runner/runner.ts'
import type { LearnedLoad, LoadModel } from '../runner/scaling/load-model.ts'
import type { Logger } from '../telemetry/log.ts'

export interface KeepLoadsDeps {
  readonly runner: Pick<Runner, 'loads'>
  /** `undefined`: the store is not open. */
  readonly documents: () => Documents | undefined
  readonly log: Pick<Logger, 'debug'>
  /** How often each is written, in milliseconds. */
  readonly everyMs?: number
}

/** The load that predictive steps have learned is kept in documents of this kind, one for each step. */
const kind = 'load'
/** How often it is looked whether a step is new, in milliseconds. */
const lookMs = 1_000
const minuteMs = 60_000
/** A step that has not been served for so long is forgotten, in milliseconds. */
const keptMs = 30 * 24 * 60 * minuteMs

interface KeptLoad {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly learned: LearnedLoad
}

/** Keeps in the store what predictive steps have learned, and gives it back to them after a restart. */
export function keepLoads({ runner, documents, log, everyMs = minuteMs }: KeepLoadsDeps): AsyncDisposable {
  /** When each was read or written last, on the clock of `performance.now()`. */
  const keptAt = new WeakMap<LoadModel, number>()
  let swept = false
  const keep = async (step: string, model: LoadModel, store: Documents): Promise<void> => {
    const before = keptAt.get(model)
    const now = performance.now()
    if (before !== undefined && now - before < everyMs) return
    if (before === undefined) {
      const text = await store.get(kind, step)
      if (text !== undefined) model.recall(readKept(text).learned)
    } else {
      await store.put(kind, step, JSON.stringify({ at: Date.now(), learned: model.learned } satisfies KeptLoad))
    }
    keptAt.set(model, now)
  }
  const look = async (): Promise<void> => {
    const [store, loads] = [documents(), runner.loads]
    if (store === undefined || loads.size === 0) return
    for (const [step, model] of loads) await keep(step, model, store)
    if (!swept) await sweep(store, loads)
    swept = true
  }
  let looking = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    looking = look()
      // The store tells of its outage itself.
      .catch((thrown: unknown) => log.debug({ reason: messageOf(thrown) }, 'what was learned of loads was not kept'))
      .finally(() => (busy = false))
  }, lookMs)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await looking
    }
  }
}

async function sweep(store: Documents, served: ReadonlyMap<string, unknown>): Promise<void> {
  for (const { name, text } of await store.list(kind)) {
    if (!served.has(name) && Date.now() - readKept(text).at > keptMs) await store.remove(kind, name)
  }
}

// Only this file writes documents of its kind.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const readKept = (text: string): KeptLoad => JSON.parse(text) as KeptLoad
