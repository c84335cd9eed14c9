import type { GatewayConfig } from '../config.ts'
import type { Plan } from '../pipeline/plan.ts'
import { secretVariables } from '../pipeline/secret-variables.ts'
import { createRunner, type Runner } from '../runner/runner.ts'
import type { Logger } from '../telemetry/log.ts'
import { standardError } from '../telemetry/standard-error.ts'

/** From TERM to KILL of local step processes, in milliseconds. */
const processStopGraceMs = 5_000

/** The runner of this gateway's local steps; `plans` are all that are served, or are to be. */
export const createStepRunner = (
  { processEnv, maxProcesses }: GatewayConfig,
  plans: () => readonly Plan[],
  log: Logger
): Runner =>
  createRunner({
    log,
    output: standardError(),
    env: () => withoutSecrets(processEnv, plans()),
    stopGraceMs: processStopGraceMs,
    maxProcesses
  })

/** A step that needs one of them itself names it in its `run.env`. */
function withoutSecrets(env: NodeJS.ProcessEnv, plans: readonly Plan[]): NodeJS.ProcessEnv {
  const secret = new Set(plans.flatMap(secretsOf))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.has(name)))
}

const known = new WeakMap<Plan, readonly string[]>()

/** Of the pipelines too that it nests. */
function secretsOf(plan: Plan): readonly string[] {
  let names = known.get(plan)
  if (names === undefined) {
    const { spec, nested = {} } = plan.definition
    names = [spec, ...Object.values(nested).map(inner => inner.spec)].flatMap(secretVariables)
    known.set(plan, names)
  }
  return names
}

/** Waits for the first start of all processes that run always, and names in the log those that failed. */
export async function tellUnready(runner: Runner, log: Logger): Promise<void> {
  for (const { step, reason } of await runner.settled()) {
    log.error({ process: step, reason }, 'a step process is not ready; calls of its step fail until it is')
  }
}
