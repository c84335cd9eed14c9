import type { GatewayConfig } from '../config.ts'
import type { Served } from '../control/served.ts'
import { secretVariables } from '../pipeline/secret-variables.ts'
import { createRunner, type Runner } from '../runner/runner.ts'
import type { Logger } from '../telemetry/log.ts'
import { standardError } from '../telemetry/standard-error.ts'

/** From TERM to KILL of local step processes, in milliseconds. */
const processStopGraceMs = 5_000

/** The runner of this gateway's local steps. */
export const createStepRunner = (
  { processEnv, maxProcesses }: GatewayConfig,
  served: () => readonly Served[],
  log: Logger
): Runner =>
  createRunner({
    log,
    output: standardError(),
    env: () => withoutSecrets(processEnv, served()),
    stopGraceMs: processStopGraceMs,
    maxProcesses
  })

/** A step that needs one of them itself names it in its `run.env`. */
function withoutSecrets(env: NodeJS.ProcessEnv, served: readonly Served[]): NodeJS.ProcessEnv {
  const secret = new Set(served.flatMap(({ plan }) => secretVariables(plan.definition.spec)))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.has(name)))
}

/** Waits for the first start of all processes that run always, and names in the log those that failed. */
export async function tellUnready(runner: Runner, log: Logger): Promise<void> {
  for (const { step, reason } of await runner.settled()) {
    log.error({ process: step, reason }, 'a step process is not ready; calls of its step fail until it is')
  }
}
