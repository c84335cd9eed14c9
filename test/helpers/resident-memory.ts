import { readFileSync } from 'node:fs'

/** Of the memory of a process, the MiB that it has in RAM. On Linux only. */
export const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
