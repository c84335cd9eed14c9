import type { CompileBody, CompileSteps, StepScope } from './compile-body.ts'
import { compileBreaker } from './compile-breaker.ts'
import { compileContract } from './compile-contract.ts'
import { compileDelivery } from './compile-delivery.ts'
import { compileDestination } from './compile-destination.ts'
import { compileHeaders } from './compile-headers.ts'
import { compileNested } from './compile-nested.ts'
import { compileOnFailure } from './compile-on-failure.ts'
import { compileParallel } from './compile-parallel.ts'
import { compileProcess } from './compile-process.ts'
import { compileSplit } from './compile-split.ts'
import { compileSwitch } from './compile-switch.ts'
import { compileMirror, compileRollout, compileTraffic } from './compile-traffic.ts'
import { compileCondition } from './condition.ts'
import { defaults } from './defaults.ts'
import { compileExpression } from './expression.ts'
import { durationMs } from './duration.ts'
import type { Destination } from './destination.ts'
import type { AnyStep, CallStep, Input, Step, Streaming, StructuredStep } from './node.ts'
import { defaultStepName } from './spec/step-name.ts'
import type { StepSpec } from './spec/step-spec.ts'

export const compileSteps: CompileSteps = (specs, scope) => specs.map(spec => compileStep(spec, scope))

function compileStep(spec: StepSpec, scope: StepScope): Step {
  const name = scope.names.get(spec) ?? spec.name ?? defaultStepName(0)
  const common = compileCommon(spec, name, scope)
  if (spec.transform !== undefined) {
    return { kind: 'transform', ...common, transform: compileExpression(spec.transform) }
  }
  const structured = compileStructured(spec, common, scope)
  if (structured !== undefined) return structured
  return {
    kind: 'call',
    ...common,
    ...compileTargets(spec, name, scope),
    ...compileAround(spec),
    ...compileCalls(spec)
  }
}

/** When the destination of a step is called, and how often at once. */
const compileCalls = ({ concurrency, hedge, cache }: StepSpec) => ({
  concurrency: concurrency?.max,
  hedge: hedge && { delayMs: durationMs(hedge.delay), max: hedge.max ?? defaults.hedge.max },
  cache: cache && {
    ttlMs: durationMs(cache.ttl),
    key: cache.key === undefined ? undefined : compileExpression(cache.key)
  }
})

/** A step that holds steps; `undefined`: it is not one. Its delivery is the default of the steps in it. */
function compileStructured(spec: StepSpec, common: AnyStep, scope: StepScope): Step | undefined {
  const step = { ...common, ...compileAround(spec) }
  const compileBody: CompileBody = (steps, path) => compileSteps(steps, { ...scope, delivery: common.delivery, path })
  if (spec.switch !== undefined) return compileSwitch(spec.switch, spec.otherwise, step, compileBody)
  if (spec.parallel !== undefined) return compileParallel(spec.parallel, step, compileBody)
  if (spec.split !== undefined) return compileSplit(spec.split, spec.key, step, compileBody)
  if (spec.pipeline !== undefined) return compileNested(spec.pipeline, spec.contract, step, scope, compileSteps)
  return undefined
}

const pathIn = (sequence: string, name: string): string => (sequence === '' ? name : `${sequence}/${name}`)

function compileCommon(spec: StepSpec, name: string, scope: StepScope): AnyStep {
  const { timeout, delivery } = spec
  const path = pathIn(scope.path, name)
  return {
    name,
    path,
    label: scope.around.length > 1 ? path : name,
    when: spec.when === undefined ? undefined : compileCondition(spec.when),
    contract: compileContract(spec.contract),
    onFailure: compileOnFailure(spec.onFailure, scope),
    delivery: compileDelivery(timeout === undefined ? delivery : { ...delivery, timeout }, scope.delivery, scope),
    breaker: compileBreaker(spec.circuitBreaker),
    reply: spec.reply ?? 'auto',
    replyType: spec.replyType ?? defaults.replyType,
    streaming: compileStreaming(spec)
  }
}

/** Shared by all steps that say nothing. */
const usualStreaming: Streaming = { mode: defaults.stream, idleMs: durationMs(defaults.idleTimeout) }

function compileStreaming({ stream, idleTimeout }: StepSpec): Streaming {
  if (stream === undefined && idleTimeout === undefined) return usualStreaming
  const { mode, idleMs } = usualStreaming
  return { mode: stream ?? mode, idleMs: idleTimeout === undefined ? idleMs : durationMs(idleTimeout) }
}

function compileTargets(
  spec: StepSpec,
  name: string,
  scope: StepScope
): Pick<CallStep, 'destination' | 'traffic' | 'mirror' | 'rollout'> {
  const hasOwn = spec.uri !== undefined || spec.ref !== undefined || spec.run !== undefined
  const own = hasOwn || spec.traffic === undefined ? compileTarget(spec, name, scope) : undefined
  const traffic = compileTraffic(spec, own, scope)
  const destination = own ?? traffic[0]?.destination
  if (destination === undefined) throw new TypeError('a step with traffic has an entry')
  return {
    destination,
    traffic,
    mirror: compileMirror(spec.mirror, scope),
    rollout: compileRollout(spec.rollout, traffic)
  }
}

function compileTarget(spec: StepSpec, name: string, scope: StepScope): Destination {
  if (spec.run === undefined) return compileDestination(spec, scope)
  const process = compileProcess(spec.run, `${scope.pipeline}/${name}`, scope)
  return { kind: 'process', process, headers: compileHeaders(spec.headers, scope) }
}

const compileAround = (spec: StepSpec): Pick<StructuredStep, 'input' | 'onEmpty'> => ({
  input: compileInput(spec.input),
  onEmpty: spec.onEmpty ?? 'stop'
})

function compileInput(input: string | undefined): Input {
  if (input === undefined || input === 'previous') return 'previous'
  return input === 'request' ? 'request' : compileExpression(input)
}
