import { loadConfig, type GatewayConfig, type SettingFlags } from '../../config.ts'
import { endOnCrash } from '../end-on-crash.ts'
import { exitCodes } from '../exit-codes.ts'
import { fail } from '../fail.ts'
import { leaveSoon } from '../leave-soon.ts'
import { shutdownSignal } from '../shutdown-signal.ts'

export interface RunOptions extends SettingFlags {
  readonly config?: string
}

/** Serves until a signal comes, then drains and lets the process end. */
export async function run(files: readonly string[], { config: configFile, ...flags }: RunOptions): Promise<void> {
  const read = await loadConfig(files.length === 0 ? flags : { ...flags, files }, configFile)
  if (read.kind === 'faulty') {
    fail(read.faults.join('\n'), exitCodes.usage)
    return
  }
  const stop = shutdownSignal()
  // Loaded only now, so that a wrong setting is told at once.
  const { createLogger } = await import('../../telemetry/log.ts')
  endOnCrash(createLogger(read.config.logLevel))
  await serve(read.config, stop)
  leaveSoon()
}

async function serve(config: GatewayConfig, stop: Promise<void>): Promise<void> {
  const { startGateway } = await import('../../gateway.ts')
  await using gateway = await startGateway(config)
  process.stdout.write(`sluice ready on ${gateway.url} (admin ${gateway.adminUrl}, store ${gateway.store})\n`)
  await stop
}
