import { SluiceError } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Reconciler } from './reconciler.ts'

/** How often the store is asked whether another replica has changed a definition, in milliseconds. */
const everyMs = 400

/** Has what other replicas were told served here too, until it is disposed. */
export function followStore(reconciler: Pick<Reconciler, 'followStore'>, log: Logger): AsyncDisposable {
  const look = async (): Promise<void> => {
    try {
      await reconciler.followStore()
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) log.error({ err: thrown }, 'definitions in the store could not be followed')
    }
  }
  let looking = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    looking = look().finally(() => (busy = false))
  }, everyMs)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await looking
    }
  }
}
