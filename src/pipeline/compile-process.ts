import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { ProcessSpec } from './plan.ts'
import type { RunSpec } from './spec/process-spec.ts'

/** `step` is `namespace/pipeline/step`, and `baseDir` the folder that a relative `cwd` starts from. */
export function compileProcess(
  { command, cwd = '.', env = {}, readiness }: RunSpec,
  step: string,
  baseDir: string
): ProcessSpec {
  const process = {
    step,
    command,
    cwd: resolve(baseDir, cwd),
    env,
    readinessPath: readiness?.path,
    readinessTimeoutMs: durationMs(readiness?.timeout ?? defaults.readinessTimeout)
  }
  return { key: `${step}#${digestOf(process)}`, ...process }
}

const digestOf = (process: unknown): string =>
  createHash('sha256').update(JSON.stringify(process)).digest('base64url').slice(0, 12)
