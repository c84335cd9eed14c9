import type { Visit } from '../flow/request.ts'

/** The `server-timing` value: milliseconds in each visited step, and in the gateway itself. */
export function serverTiming(visits: readonly Visit[], totalMs: number): string {
  let value = ''
  let inSteps = 0
  for (const { step, durationMs } of visits) {
    value += `${step};dur=${durationMs.toFixed(2)}, `
    inSteps += durationMs
  }
  return `${value}gateway;dur=${Math.max(0, totalMs - inSteps).toFixed(2)}`
}
