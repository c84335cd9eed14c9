import type { Controlled } from './controlled.ts'
import type { Numbered } from './numbered.ts'
import type { HealthOf } from './process-health.ts'
import { areReady, neverServed } from './observe.ts'
import { processesOf } from './processes-of.ts'

/** A new generation serves as soon as it can; while an older one does, it has to be ready first. */
export function takeOver(entry: Controlled, healthOf: HealthOf): void {
  const { wanted, current, blocked, nextBlocked, lacking, nextLacking } = entry
  if (wanted === undefined || wanted === current || entry.deleted) return
  if (current === undefined) {
    entry.current = wanted
    return
  }
  // Whoever deletes a ServingPipeline wants nobody to call it any more, whatever becomes of the Pipeline that is left.
  const isLost = current.plan.serves && !wanted.plan.serves
  if (entry.runs && entry.phase !== 'Pausing' && !isLost) {
    if (!mayTakeOver(wanted, current, healthOf)) return
    if ((nextBlocked !== undefined && blocked === undefined) || (nextLacking !== undefined && lacking === undefined))
      return
  }
  entry.current = wanted
  // The same definition with other addresses has the same number.
  if (current.generation !== wanted.generation) entry.retiring = [...entry.retiring, current]
}

function mayTakeOver(wanted: Numbered, current: Numbered, healthOf: HealthOf): boolean {
  if (wanted.plan.unresolved.length > 0) return current.plan.unresolved.length > 0
  const running = new Set(processesOf(current.plan).map(({ key }) => key))
  const fresh = processesOf(wanted.plan).filter(({ key }) => !running.has(key))
  // A definition that never served is not kept.
  return areReady(fresh, healthOf) || neverServed(current, healthOf)
}
