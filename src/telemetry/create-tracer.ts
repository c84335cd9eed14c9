import type { Logger } from './log.ts'
import { noopTracer, type Tracer } from './tracing.ts'

/** The tracer that exports, or the one that only hands the caller's context on. */
export async function createTracer(wanted: boolean, log: Pick<Logger, 'warn'>): Promise<Tracer> {
  if (!wanted) return noopTracer
  const { startOtelTracer } = await import('./otel-tracer.ts')
  return startOtelTracer(log)
}
