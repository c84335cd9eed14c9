import { resolve } from 'node:path'
import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { ProcessSpec } from './plan.ts'
import type { RunSpec } from './spec/process-spec.ts'

export interface ProcessPlace {
  /** `namespace/pipeline/step`. */
  readonly key: string
  /** The folder that a relative `cwd` starts from. */
  readonly baseDir: string
  /** The key in place of the usual one: processes of former generations run beside the current ones. */
  readonly processKey: (process: ProcessSpec) => string
}

export function compileProcess(
  { command, cwd = '.', env = {}, readiness }: RunSpec,
  { key, baseDir, processKey }: ProcessPlace
): ProcessSpec {
  const process = {
    key,
    command,
    cwd: resolve(baseDir, cwd),
    env,
    readinessPath: readiness?.path,
    readinessTimeoutMs: durationMs(readiness?.timeout ?? defaults.readinessTimeout)
  }
  return { ...process, key: processKey(process) }
}
