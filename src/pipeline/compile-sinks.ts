import type { StepScope } from './compile-body.ts'
import { compileBreaker } from './compile-breaker.ts'
import { compileDelivery } from './compile-delivery.ts'
import { compileDestination } from './compile-destination.ts'
import { defaults } from './defaults.ts'
import type { Destination } from './destination.ts'
import { durationMs } from './duration.ts'
import { sinksName, type AnyStep, type ParallelStep, type SinkStep } from './node.ts'
import type { SinkSpec } from './spec/sinks-spec.ts'

/** The sinks of a pipeline as its last step: each is a branch, and none is aborted because another one has failed. */
export function compileSinks(sinks: readonly SinkSpec[], scope: StepScope): ParallelStep {
  const bodies = sinks.map(sink => {
    const path = `${sinksName}/${sink.name}`
    return { name: sink.name, path, when: undefined, flow: [compileSink(sink, path, scope)] }
  })
  const step = plainStep(sinksName, sinksName, scope.delivery)
  return { kind: 'parallel', ...step, input: 'previous', onEmpty: 'pass', bodies, join: 'sinks', require: 'all' }
}

const compileSink = (spec: SinkSpec, path: string, scope: StepScope): SinkStep => ({
  kind: 'sink',
  ...plainStep(spec.name, path, compileDelivery(spec.delivery, scope.delivery, scope)),
  destination: compileTarget(spec, scope),
  input: 'previous',
  onEmpty: 'pass'
})

function compileTarget(spec: SinkSpec, scope: StepScope): Destination {
  if (spec.redisStream !== undefined) return { kind: 'redisStream', ...spec.redisStream, headers: [] }
  if (spec.log !== undefined) return { kind: 'log', data: spec.log.data ?? false, headers: [] }
  return compileDestination(spec, scope)
}

/** Nothing but what is called, and how. Steps may be called like sinks, so that metrics know these by their paths. */
const plainStep = (name: string, path: string, delivery: AnyStep['delivery']): AnyStep => ({
  name,
  path,
  label: path,
  when: undefined,
  contract: undefined,
  onFailure: { kind: 'fail' },
  delivery,
  breaker: compileBreaker(undefined),
  reply: 'json',
  replyType: defaults.replyType,
  streaming: { mode: 'never', idleMs: durationMs(defaults.idleTimeout) }
})
