import type { Visit } from '../flow/request.ts'
import type { Arrival } from './arrival.ts'

/** The `server-timing` value: milliseconds in each visited step, those in the cache by name, and in the gateway itself. */
export function serverTiming(visits: readonly Pick<Visit, 'step' | 'durationMs' | 'hit'>[], totalMs: number): string {
  let value = ''
  let inSteps = 0
  for (const { step, durationMs, hit } of visits) {
    value += `${step};dur=${hundredths(durationMs)}${hit === true ? ';desc="cache hit"' : ''}, `
    inSteps += durationMs
  }
  return `${value}gateway;dur=${hundredths(Math.max(0, totalMs - inSteps))}`
}

/** The `server-timing` of an answer that begins now. */
export const timingSoFar = ({ visits, at }: Pick<Arrival, 'visits' | 'at'>): string =>
  serverTiming(visits, performance.now() - at)

/** To a hundredth of a millisecond; a third of the cost of toFixed. */
const hundredths = (ms: number): number => Math.round(ms * 100) / 100
