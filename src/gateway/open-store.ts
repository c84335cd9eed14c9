import { existsSync } from 'node:fs'
import type { GatewayConfig } from '../config.ts'
import { SluiceError } from '../errors.ts'
import { isDurable } from '../ledger/durability.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { storeAddress } from '../ledger/store-address.ts'
import type { LazyStore } from '../ledger/lazy-store.ts'
import { eachStep } from '../pipeline/spec/each-step.ts'
import type { StepSpec } from '../pipeline/spec/step-spec.ts'
import type { WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'
import type { Logger } from '../telemetry/log.ts'

/** Whether the store is to be opened at start, though nobody named it: there is work for it, or it may know better. */
export const wantsStore = ({ files }: GatewayConfig, definitions: readonly WrittenPipeline[]): boolean =>
  files.length === 0 ||
  definitions.some(
    ({ spec }) =>
      spec.reply !== undefined || spec.sources !== undefined || spec.requests?.stored === true || hasRollout(spec.steps)
  )

const hasRollout = (steps: readonly StepSpec[] | undefined): boolean =>
  [...eachStep(steps, [])].some(({ step }) => step['rollout'] !== undefined)

/**
 * Opens the store at start where somebody counts on it: it was named, or it holds something, or it is `wanted`, since a
 * pipeline stores requests, say. The default one opens with the first stored request otherwise, so that several gateways can be tried out
 * in one folder. Answers what the store guarantees, in one line.
 */
export async function openStoreNow(
  { store: name, isStoreNamed, durability }: GatewayConfig,
  wanted: boolean,
  store: LazyStore<{ readonly ledger: Ledger } & AsyncDisposable>,
  log: Logger
): Promise<string> {
  const unused = !isStoreNamed && !wanted && durability !== 'strict' && !existsSync(storeAddress(name).path ?? '')
  if (unused) return unopened(name, log)
  const { ledger } = await store.use()
  const { summary, warnings } = ledger.durability
  for (const warning of warnings) log.warn({ store: summary }, warning)
  if (durability === 'strict' && !isDurable(ledger.durability)) {
    throw new SluiceError('STORE_UNAVAILABLE', `--durability strict: ${summary}; ${warnings.join('; ')}`)
  }
  return summary
}

/** A store that nobody will be able to open is told now, and not only to the first who needs it. */
function unopened(name: string, log: Logger): string {
  const obstacle = storeAddress(name).obstacle()
  if (obstacle === undefined) return `${name}, opened when it is needed`
  log.warn({ store: name, reason: obstacle }, 'the store cannot be opened; requests that are to be stored are refused')
  return `${name}, which cannot be opened`
}
