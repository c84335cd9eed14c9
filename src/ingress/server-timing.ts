import type { Visit } from '../flow/request.ts'
import { isOutermost } from '../pipeline/paths.ts'
import type { Arrival } from './arrival.ts'

/** A step and its time. One without a path has none around it that is among the others. */
type Timed = Pick<Visit, 'step' | 'durationMs' | 'hit'> & Partial<Pick<Visit, 'path'>>

/**
 * The `server-timing` value: milliseconds in each visited step, those in the cache by name, and in the gateway itself. The
 * time of a step inside another is part of that one's.
 */
export function serverTiming(visits: readonly Timed[], totalMs: number): string {
  let value = ''
  let inSteps = 0
  for (const { step, path = step, durationMs, hit } of visits) {
    value += `${step};dur=${hundredths(durationMs)}${hit === true ? ';desc="cache hit"' : ''}, `
    if (isOutermost(path)) inSteps += durationMs
  }
  return `${value}gateway;dur=${hundredths(Math.max(0, totalMs - inSteps))}`
}

/** The `server-timing` of an answer that begins now. */
export const timingSoFar = ({ visits, at }: Pick<Arrival, 'visits' | 'at'>): string =>
  serverTiming(visits, performance.now() - at)

/** To a hundredth of a millisecond; a third of the cost of toFixed. */
const hundredths = (ms: number): number => Math.round(ms * 100) / 100
