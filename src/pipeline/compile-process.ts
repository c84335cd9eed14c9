import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { Scaling } from './process-spec.ts'
import type { RunSpec } from './spec/process-spec.ts'
import type { ScaleSpec } from './spec/scale-spec.ts'

export interface ProcessScope {
  /** The folder that a relative `cwd` starts from. */
  readonly baseDir: string
  /** The defaults of the pipeline. */
  readonly scale: ScaleSpec | undefined
}

/** `step` is `namespace/pipeline/step`. */
export function compileProcess(run: RunSpec, step: string, { baseDir, scale }: ProcessScope): ProcessSpec {
  const { command = [], cwd = '.', env = {}, readiness } = run
  const process = {
    step,
    command,
    cwd: resolve(baseDir, cwd),
    env: Object.fromEntries(
      Object.entries(env).filter((each): each is [string, string] => typeof each[1] === 'string')
    ),
    readinessPath: readiness?.path,
    readinessTimeoutMs: durationMs(readiness?.timeout ?? defaults.readinessTimeout)
  }
  return { key: `${step}#${digestOf(process)}`, ...process, scaling: compileScaling(run, scale) }
}

/** The step's own settings go before those of the pipeline, its schedule included. */
function compileScaling(run: RunSpec, scale: ScaleSpec = {}): Scaling {
  const { concurrency = Infinity } = run
  return {
    ...boundsOf(run, scale),
    target: Math.min(scale.target ?? defaults.scale.target, concurrency),
    concurrency,
    idleMs: durationMs(run.idle ?? scale.idle ?? defaults.scale.idle),
    schedule: (scale.schedule ?? []).map(({ cron, timezone = 'UTC', ...entry }) => ({
      cron,
      timezone,
      ...boundsOf(run, { ...scale, ...entry })
    })),
    predictive: scale.predictive ?? false
  }
}

function boundsOf(run: RunSpec, scale: Pick<ScaleSpec, 'min' | 'max'>): Pick<Scaling, 'min' | 'max'> {
  const min = run.min ?? scale.min ?? defaults.scale.min
  const max = run.max ?? Math.max(scale.max ?? defaults.scale.max, min)
  return { min: Math.min(min, max), max }
}

const digestOf = (process: unknown): string =>
  createHash('sha256').update(JSON.stringify(process)).digest('base64url').slice(0, 12)
