import { SluiceError } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Generations } from './generations.ts'

/** How often, in milliseconds. */
const everyMs = 60_000

/** Forgets from time to time the definitions that no request needs any more, until it is disposed. */
export function sweepGenerations(
  generations: Generations,
  currentOf: (pipeline: string) => number | undefined,
  log: Logger
): AsyncDisposable {
  const sweep = async (): Promise<void> => {
    try {
      await generations.sweep(currentOf)
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) log.error({ err: thrown }, 'old definitions could not be forgotten')
    }
  }
  let sweeping = sweep()
  const again = setInterval(() => {
    sweeping = sweep()
  }, everyMs)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(again)
      await sweeping
    }
  }
}
