import { createLogger } from '../telemetry/log.ts'
import { startWorker } from '../gateway/start-worker.ts'
import { PrimaryLink } from '../workers/primary-link.ts'
import { endOnCrash } from './end-on-crash.ts'
import { exitCodes } from './exit-codes.ts'
import { onHangUp } from './hang-up.ts'
import { leaveSoon } from './leave-soon.ts'
import { shutdownSignal } from './shutdown-signal.ts'
import { allocateYoung } from './young-objects.ts'

/** A worker of `sluice run --workers`: serves until its primary, or a signal, wants it to end. */
export async function runWorker(): Promise<void> {
  allocateYoung()
  process.report.excludeEnv = true
  const stop = shutdownSignal()
  // The primary tells what to read again; a terminal that goes away tells all of its processes.
  onHangUp()
  const link = new PrimaryLink()
  const start = await link.started
  if (start !== undefined) {
    endOnCrash(createLogger(start.config, { worker: start.no }))
    try {
      await using running = new AsyncDisposableStack()
      running.use(await startWorker(start, link))
      await Promise.race([stop, link.stopped])
    } catch (thrown) {
      await link.failed(failureOf(thrown))
      process.exit(exitCodes.failed)
    }
  }
  await link.leave()
  leaveSoon()
}

/** The parts that the primary needs to tell it as its own; `code` and the rest are of a port that is in use. */
function failureOf(thrown: unknown) {
  if (!(thrown instanceof Error)) return { message: String(thrown) }
  const { message, code, address, port }: NodeJS.ErrnoException & { address?: string; port?: number } = thrown
  return {
    message,
    ...(code !== undefined && { code }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port })
  }
}
