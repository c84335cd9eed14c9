import { availableParallelism, totalmem } from 'node:os'
import { isMapping } from '../../pipeline/spec/rule.ts'

/** The limits that the machine sets to this process. */
export interface MachineLimits {
  readonly cpus: number
  readonly memoryMiB: number
  /** The soft limit; `undefined`: the system does not tell. */
  readonly openFiles: string | undefined
}

export const machineLimits = (): MachineLimits => ({
  cpus: availableParallelism(),
  memoryMiB: Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2 ** 20),
  openFiles: openFiles()
})

/** Node tells its limits only in its diagnostic report. */
function openFiles(): string | undefined {
  const report: unknown = process.report?.getReport()
  const limits = isMapping(report) ? report['userLimits'] : undefined
  const files = isMapping(limits) ? limits['open_files'] : undefined
  return isMapping(files) ? String(files['soft']) : undefined
}
