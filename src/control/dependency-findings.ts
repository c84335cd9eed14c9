import type { Finding } from './conditions.ts'
import type { Controlled } from './controlled.ts'

/** Why a pipeline stands still. */
export const pausedText = ({ pausedWith }: Controlled): string =>
  pausedWith === undefined ? 'the pipeline is paused' : `the pipeline is paused, since it needs ${pausedWith}, which is`

/** The condition of a pipeline that needs others. */
export function dependenciesReady({ blocked, pausedWith }: Controlled): Finding {
  const type = 'DependenciesReady'
  if (blocked !== undefined) return { type, status: false, reason: 'DependencyNotReady', message: blocked }
  if (pausedWith !== undefined) {
    return { type, status: false, reason: 'Paused', message: `it needs ${pausedWith}, which is paused` }
  }
  return { type, status: true, reason: 'DependenciesReady', message: 'all that it needs serves' }
}
