import type { GatewayConfig } from '../config.ts'
import { FormerGenerations } from '../control/former-generations.ts'
import { Generations } from '../control/generations.ts'
import type { Registry } from '../control/registry.ts'
import { isHosted } from '../ledger/is-hosted.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { MoverDeps } from '../mover/mover.ts'
import type { ProcessSpec } from '../pipeline/plan.ts'
import type { Logger } from '../telemetry/log.ts'

/** Other replicas on a store accept requests with the definitions that they have, for this long at the most. */
const othersMs = 3_600_000

/** The generations in the store, as this gateway keeps them. */
export const generationsIn = ({ store }: Pick<GatewayConfig, 'store'>, ledger: Ledger): Generations =>
  new Generations({ ledger, unusedMs: isHosted(store) ? 0 : othersMs })

export interface OpenGenerationsDeps {
  readonly ledger: Ledger
  readonly registry: Registry
  /** Told of processes that former generations need. */
  readonly onProcesses: (specs: readonly ProcessSpec[]) => void
  readonly log: Logger
}

/** Finds for a request the generation that it was accepted with. */
export interface OpenGenerations extends Disposable {
  readonly servingOf: MoverDeps['servingOf']
}

/** Gives each generation that is served the number that the store has for it. */
export async function openGenerations(
  config: GatewayConfig,
  { ledger, registry, onProcesses, log }: OpenGenerationsDeps
): Promise<OpenGenerations> {
  const generations = generationsIn(config, ledger)
  const { servings } = registry
  const numbers = await generations.number(servings.map(({ plan }) => plan))
  servings.forEach((serving, i) => (serving.generation = numbers[i] ?? serving.generation))
  const read = (pipeline: string, generation: number) => generations.read(pipeline, generation)
  const former = new FormerGenerations({ registry, resolve: config.resolve, read, onProcesses, log })
  return {
    servingOf({ pipeline, generation }) {
      const current = registry.get(pipeline)
      if (current === undefined || generation === undefined || generation === current.generation) return current
      return former.find(pipeline, generation).then(found => found ?? current)
    },
    [Symbol.dispose]: () => former[Symbol.dispose]()
  }
}
