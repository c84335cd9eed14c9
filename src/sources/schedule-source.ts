import type { CloudEvent } from '../event/event.ts'
import { cronOf } from '../pipeline/cron.ts'
import type { SourcePlan } from '../pipeline/source-plan.ts'
import { waitFor } from '../delivery/wait.ts'
import type { Source, SourcePlace } from './source.ts'

type Schedule = Extract<SourcePlan, { kind: 'schedule' }>

/**
 * An event at each time. Every replica gives it, under an id that is the time: it is accepted once. A time that comes
 * while nobody waits for it is not made up for.
 */
export function createScheduleSource({ cron: pattern, timezone, data }: Schedule, { source }: SourcePlace): Source {
  const cron = cronOf(pattern, timezone)
  return {
    async run(intake, signal) {
      for (let after = new Date(); ;) {
        const next = cron.nextRun(after)
        if (next === null || !(await waitUntil(next.getTime(), signal))) break
        if (!(await intake.accept([{ kind: 'event', event: eventAt(next, source, data) }], signal))) break
        after = new Date(Math.max(next.getTime(), Date.now()))
      }
      if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    }
  }
}

/** A timer may fire a little early, and none takes longer than some weeks. */
async function waitUntil(at: number, signal: AbortSignal): Promise<boolean> {
  while (Date.now() < at) if (!(await waitFor(at - Date.now(), signal))) return false
  return !signal.aborted
}

function eventAt(at: Date, source: string, data: Uint8Array | undefined): CloudEvent {
  const time = at.toISOString()
  const attributes = new Map<string, string>([
    ['specversion', '1.0'],
    ['id', time],
    ['source', source],
    ['type', 'dev.sluice.request'],
    ['time', time]
  ])
  if (data !== undefined) attributes.set('datacontenttype', 'application/json')
  return { attributes, data }
}
