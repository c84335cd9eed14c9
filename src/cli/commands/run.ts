import { loadConfig, type GatewayConfig, type SettingFlags } from '../../config.ts'
import type { Gateway } from '../../gateway/head.ts'
import type { Logger } from '../../telemetry/log.ts'
import { endOnCrash } from '../end-on-crash.ts'
import { exitCodes } from '../exit-codes.ts'
import { fail } from '../fail.ts'
import { onHangUp } from '../hang-up.ts'
import { leaveSoon } from '../leave-soon.ts'
import { columnsOf } from '../print/folded.ts'
import { readyText } from '../print/gateway-text.ts'
import { shutdownSignal } from '../shutdown-signal.ts'
import { allocateYoung } from '../young-objects.ts'

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
  allocateYoung()
  // A report that Node writes when it ends has the environment otherwise.
  process.report.excludeEnv = true
  let leave = (): Promise<void> => Promise.resolve()
  const stop = shutdownSignal(() => leave())
  // Loaded only now, so that a wrong setting is told at once.
  const { createLogger } = await import('../../telemetry/log.ts')
  const log = createLogger(read.config)
  endOnCrash(log)
  await serve(read.config, stop, log, tell => (leave = tell))
  leaveSoon()
}

async function serve(
  config: GatewayConfig,
  stop: Promise<void>,
  log: Logger,
  onSecondSignal: (tell: () => Promise<void>) => void
): Promise<void> {
  const { startGateway } = await import('../../gateway.ts')
  const hangUp = onHangUp()
  await using gateway = await startGateway(config)
  hangUp.tell = () => {
    log.info({}, 'SIGHUP: definitions, tokens, keys, certificates and header files are read again')
    void gateway.readAgain()
  }
  process.stdout.write(readyText(gateway, columnsOf(process.stdout)))
  await stop
  onSecondSignal(() => tellLeft(gateway, log))
  await tellWaiting(gateway, config, log)
}

/** A person who pressed Ctrl-C sees what it waits for. */
async function tellWaiting(gateway: Gateway, { shutdownGraceMs }: GatewayConfig, log: Logger): Promise<void> {
  const inFlight = await gateway.inFlight()
  if (inFlight === 0) return
  const most = `${shutdownGraceMs / 1000} s at most`
  log.info({ inFlight }, `shutting down: waiting for ${counted(inFlight)}, ${most}; a second signal ends it at once`)
}

async function tellLeft(gateway: Gateway, log: Logger): Promise<void> {
  const inFlight = await gateway.inFlight()
  if (inFlight === 0) return
  const after = 'stored requests go on at the next start, or on another replica'
  log.warn({ inFlight }, `ended at once: ${counted(inFlight)} left; ${after}`)
}

const counted = (requests: number): string => `${requests} ${requests === 1 ? 'request' : 'requests'} in flight`
