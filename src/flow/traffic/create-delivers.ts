import type { Deliver } from '../../delivery/deliver.ts'
import type { DestinationOptions } from '../../delivery/destination.ts'
import type { CallStep, TrafficEntry } from '../../pipeline/node.ts'
import type { Plan } from '../../pipeline/plan.ts'
import { unseen } from '../destination-options.ts'
import type { Request } from '../request.ts'
import type { RunDeps } from '../run-deps.ts'
import type { Surroundings } from '../surroundings.ts'
import { judged, type TellAttempt } from './judged.ts'
import { mirrored } from './mirrored.ts'
import { stepKey } from './turns.ts'

/** How the call of a step is delivered for a request. */
export type DeliverFor = (request: Request, around: Surroundings) => Deliver

/** To the step's own destination, or to the entry of its traffic that was chosen; a mirror gets its copies. */
export function createDelivers(plan: Plan, step: CallStep, deps: RunDeps, own: DestinationOptions): DeliverFor {
  const options = withMirror(own, plan, step, deps)
  if (step.traffic.length === 0) {
    const deliver = deps.deliverTo(step.destination, options)
    return () => deliver
  }
  const first = deps.deliverTo(step.destination, options)
  const entries = new Map(step.traffic.map(entry => [entry.name, entryDelivers(entry, options, plan, step, deps)]))
  return ({ tags }, { chosen = '' }) => {
    const delivers = entries.get(chosen)
    return (tags?.get(step.path) === chosen ? delivers?.picked : delivers?.inTurn) ?? first
  }
}

interface EntryDelivers {
  readonly inTurn: Deliver
  /** For those who picked the entry, who are not asked what they think of it. */
  readonly picked: Deliver
}

function entryDelivers(
  { name, tag, destination }: TrafficEntry,
  options: DestinationOptions,
  { pipeline }: Plan,
  { path, label }: CallStep,
  { deliverTo, metrics, attempts }: RunDeps
): EntryDelivers {
  const key = stepKey(pipeline, path)
  const seen: TellAttempt = (failed, ms) => metrics.entryAttempt(label, tag ?? name, failed, ms / 1000)
  const counted: TellAttempt = (failed, ms) => {
    seen(failed, ms)
    attempts.tell(key, name, failed, ms)
  }
  return {
    inTurn: named(name, deliverTo(destination, { ...options, judged: judged(counted) })),
    picked: named(name, deliverTo(destination, { ...options, judged: judged(seen) }))
  }
}

/** A failure says which entry it is of. */
const named =
  (entry: string, deliver: Deliver): Deliver =>
  async (event, call) => {
    const delivered = await deliver(event, call)
    return delivered.kind === 'failed' ? { kind: 'failed', error: delivered.error.with({ entry }) } : delivered
  }

function withMirror(options: DestinationOptions, plan: Plan, step: CallStep, deps: RunDeps): DestinationOptions {
  const { mirror, delivery, breaker, path, label } = step
  if (mirror === undefined) return options
  const key = `${stepKey(plan.pipeline, path)} mirror`
  const shares = [
    { name: 'copy', percent: mirror.percent },
    { name: 'none', percent: 100 - mirror.percent }
  ]
  const isCopied = (): boolean | Promise<boolean> => {
    const turn = deps.turns.next(key, shares)
    return typeof turn === 'string' ? turn === 'copy' : turn.then(name => name === 'copy')
  }
  const deliver = deps.deliverTo(mirror.destination, {
    ...options,
    ...unseen,
    label: `the mirror of ${options.label}`,
    delivery: { ...delivery, retry: 0 },
    breaker: { ...breaker, enabled: false },
    streaming: undefined,
    concurrency: undefined,
    hedge: undefined
  })
  const copied = mirrored({
    deliver,
    isCopied: mirror.percent === 100 ? () => true : isCopied,
    timeoutMs: delivery.timeoutMs,
    memory: deps.memory,
    tell: outcome => deps.metrics.mirrored(label, outcome)
  })
  return { ...options, copied }
}
