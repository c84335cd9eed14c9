import type { EndSignal } from '../event/end-signal.ts'
import { waitFor } from '../delivery/wait.ts'
import type { Logger } from '../telemetry/log.ts'
import { SluiceError } from '../errors.ts'

const firstDelayMs = 50
const maxDelayMs = 2_000

/**
 * Writes to the ledger until it is written, or refused by the fence, or the signal gives up; then the lease runs out
 * and whoever takes over goes on from the last checkpoint. `undefined`: given up.
 */
export function writeUntilTaken<T>(write: () => Promise<T>, signal: EndSignal, log: Logger): Promise<T | undefined> {
  return write().catch((thrown: unknown) => writeAgain(thrown, write, signal, log))
}

async function writeAgain<T>(
  failure: unknown,
  write: () => Promise<T>,
  signal: EndSignal,
  log: Logger
): Promise<T | undefined> {
  let thrown = failure
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(maxDelayMs, delayMs * 2)) {
    if (!(thrown instanceof SluiceError) || thrown.code !== 'STORE_UNAVAILABLE') throw thrown
    log.debug({ err: thrown }, 'the store is not available; a write is tried again')
    if (!(await waitFor(delayMs, signal))) return undefined
    try {
      return await write()
    } catch (again) {
      thrown = again
    }
  }
}
