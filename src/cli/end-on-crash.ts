import type { Logger } from '../telemetry/log.ts'
import { exitCodes } from './exit-codes.ts'

/** Ends the process at an error that nobody caught, rejections included: what state it left behind is not known. */
export function endOnCrash(logger: Logger): void {
  process.on('uncaughtException', err => {
    logger.error({ err }, 'the gateway ends: nobody caught this error')
    process.exit(exitCodes.failed)
  })
}
