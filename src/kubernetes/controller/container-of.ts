import { defaults } from '../../pipeline/defaults.ts'
import { durationMs } from '../../pipeline/duration.ts'
import type { RunSpec } from '../../pipeline/spec/process-spec.ts'

/** Between two looks at a container, in seconds. */
const periodSeconds = 2

/** The container of a step. */
export function containerOf({
  image,
  command,
  cwd,
  env = {},
  port = defaults.containerPort,
  resources,
  readiness
}: RunSpec) {
  const probe = readiness?.path === undefined ? { tcpSocket: { port } } : { httpGet: { path: readiness.path, port } }
  const startSeconds = durationMs(readiness?.timeout ?? defaults.readinessTimeout) / 1000
  return {
    name: 'step',
    image,
    ...(command !== undefined && { command }),
    ...(cwd?.startsWith('/') === true && { workingDir: cwd }),
    env: [...Object.entries(env).map(variable), { name: 'PORT', value: String(port) }],
    ports: [{ containerPort: port }],
    ...(resources !== undefined && { resources }),
    readinessProbe: { ...probe, periodSeconds },
    startupProbe: { ...probe, periodSeconds, failureThreshold: Math.max(1, Math.ceil(startSeconds / periodSeconds)) }
  }
}

const variable = ([name, value]: [string, NonNullable<RunSpec['env']>[string]]) =>
  typeof value === 'string' ? { name, value } : { name, ...value }
