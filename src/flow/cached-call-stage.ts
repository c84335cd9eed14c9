import { createHash } from 'node:crypto'
import type { Call } from '../delivery/deliver.ts'
import { deliverCached, type Cached } from '../delivery/cached.ts'
import { destinationName } from '../delivery/destination-name.ts'
import { replyEvent } from '../delivery/reply-event.ts'
import { attribute, type CloudEvent } from '../event/event.ts'
import type { Destination } from '../pipeline/destination.ts'
import type { CallStep, StepCache } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { jsonTextOf } from './bindings.ts'
import { deliverStep, resultOf } from './call-stage.ts'
import { contractError } from './check-contract.ts'
import { destinationOptions } from './destination-options.ts'
import { inputOf } from './input-of.ts'
import type { Request } from './request.ts'
import type { RunDeps } from './run-deps.ts'
import type { Stage, StageReport } from './stage.ts'
import { callsOf, deliverSeen } from './step-call.ts'
import type { Surroundings } from './surroundings.ts'

/** A step that calls its destination where no reply of it to the same input is kept. */
export function createCachedCallStage(plan: Plan, step: CallStep, kept: StepCache, deps: RunDeps): Stage {
  const deliverFor = deliverStep(plan, step, deps)
  const createCall = callsOf(plan, step)
  const { identify } = destinationOptions(plan, step, deps)
  const cachingAt = (destination: Destination) => ({
    place: JSON.stringify([plan.namespace, addressOf(destination), step.delivery.format, step.reply]),
    ttlMs: kept.ttlMs,
    destination: destinationName(destination),
    isFit: (reply: CloudEvent) => contractError('CONTRACT_OUTPUT', step.contract?.output ?? [], reply) === undefined
  })
  const own = cachingAt(step.destination)
  const entries = new Map(step.traffic.map(({ name, destination }) => [name, cachingAt(destination)]))
  const report = (cached: Cached, call: Call, input: CloudEvent, event: CloudEvent): StageReport => {
    const attempts = call.attempts.count
    if (cached.kind !== 'hit') return { result: resultOf(cached, step, input, event), attempts }
    deps.metrics.cacheHit(step.label)
    const { contentType, data } = cached.reply
    const derived = replyEvent(input, identify(call), contentType, data)
    const reply = step.reply === 'json' ? { ...derived, dataIsJson: true as const } : derived
    return { result: { kind: 'replied', event: reply }, attempts, hit: true }
  }
  return {
    name: step.name,
    path: step.path,
    async run(event, request, around) {
      const input = await inputOf(step.input, event, request, around)
      const call = createCall(request)
      const options = entries.get(around.chosen ?? '') ?? own
      const deliver = deliverFor(request, around)
      const key = await keyOf(kept, options.place, plan, input, request, around)
      const cached =
        key === undefined
          ? deliver
          : (one: CloudEvent, calling: Call) => deliverCached(key, deliver, one, calling, options, deps.replies)
      return deliverSeen(cached, input, call, { step, attempts: call.attempts }, request, delivered =>
        report(delivered, call, input, event)
      )
    }
  }
}

/** Header values are not in it, but where they come from. */
function addressOf(destination: Destination): unknown {
  if (destination.kind === 'process') return [destination.process.key, destination.headers]
  if (destination.kind === 'unresolved') return [destination.ref]
  return destination.kind === 'url' ? [destination.url, destination.ref, destination.headers] : [destination]
}

/** Equal for calls that the destination answers alike; `undefined`: the key of the step gives nothing. */
async function keyOf(
  { key }: StepCache,
  place: string,
  { propagate }: Plan,
  input: CloudEvent,
  request: Request,
  around: Surroundings
): Promise<string | undefined> {
  const given = key && (await jsonTextOf(key, input, request, around))
  if (key !== undefined && given === undefined) return undefined
  const { headers } = request
  const propagated = headers.flatMap((name, i) =>
    i % 2 === 0 && propagate.includes(name) ? [[name, headers[i + 1]]] : []
  )
  const said = given === undefined ? attribute(input, 'datacontenttype') : { key: given }
  const hash = createHash('sha256').update(JSON.stringify([place, propagated, said]))
  if (given === undefined) hash.update('\n').update(input.data ?? '')
  return hash.digest('base64')
}
