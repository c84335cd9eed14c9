import { loadConfig, type SettingFlags } from '../../config.ts'
import { endOnCrash } from '../end-on-crash.ts'
import { exitCodes } from '../exit-codes.ts'
import { fail } from '../fail.ts'
import { leaveSoon } from '../leave-soon.ts'
import { shutdownSignal } from '../shutdown-signal.ts'

export interface ControllerOptions extends SettingFlags {
  readonly gatewayUrl?: string
  readonly gatewayAdmin?: string
  readonly prometheusUrl?: string
}

/** Controls until a signal comes. */
export async function controller({
  gatewayUrl,
  gatewayAdmin,
  prometheusUrl,
  ...flags
}: ControllerOptions): Promise<void> {
  const read = await loadConfig({ ...flags, kubernetes: true }, undefined)
  if (read.kind === 'faulty') {
    fail(read.faults.join('\n'), exitCodes.usage)
    return
  }
  const stop = shutdownSignal()
  // Loaded only now, so that a wrong setting is told at once.
  const { createLogger } = await import('../../telemetry/log.ts')
  endOnCrash(createLogger(read.config))
  const { startControllerProcess } = await import('../../gateway/start-controller.ts')
  {
    await using running = await startControllerProcess(read.config, { gatewayUrl, gatewayAdmin, prometheusUrl })
    process.stdout.write(`sluice controller ready (admin ${running.adminUrl}, ${running.server})\n`)
    await stop
  }
  leaveSoon()
}
