import { compileBreaker } from './compile-breaker.ts'
import { compileDelivery } from './compile-delivery.ts'
import { compileDestination, type Scope } from './compile-destination.ts'
import { compileOnFailure } from './compile-on-failure.ts'
import { compileProcess } from './compile-process.ts'
import { compileCondition } from './condition.ts'
import { defaults } from './defaults.ts'
import { compileExpression } from './expression.ts'
import type { CallStep, Delivery, Destination, ProcessSpec, Step } from './plan.ts'
import type { StepSpec } from './spec/step-spec.ts'

/** What a step takes from its pipeline. */
export interface StepScope extends Scope {
  /** `namespace/name`. */
  readonly pipeline: string
  readonly baseDir: string
  readonly processKey: (process: ProcessSpec) => string
  readonly delivery: Delivery
}

export function compileStep(spec: StepSpec, name: string, scope: StepScope): Step {
  const { timeout, delivery } = spec
  const common = {
    name,
    path: name,
    when: spec.when === undefined ? undefined : compileCondition(spec.when),
    onFailure: compileOnFailure(spec.onFailure, scope),
    delivery: compileDelivery(timeout === undefined ? delivery : { ...delivery, timeout }, scope.delivery, scope),
    breaker: compileBreaker(spec.circuitBreaker),
    reply: spec.reply ?? 'auto',
    replyType: spec.replyType ?? defaults.replyType
  }
  if (spec.transform !== undefined) {
    return { kind: 'transform', ...common, transform: compileExpression(spec.transform) }
  }
  return {
    kind: 'call',
    ...common,
    destination: compileTarget(spec, name, scope),
    input: compileInput(spec.input),
    onEmpty: spec.onEmpty ?? 'stop'
  }
}

function compileTarget(spec: StepSpec, name: string, scope: StepScope): Destination {
  if (spec.run === undefined) return compileDestination(spec, scope)
  const { pipeline, baseDir, processKey } = scope
  return { kind: 'process', process: compileProcess(spec.run, { key: `${pipeline}/${name}`, baseDir, processKey }) }
}

function compileInput(input: string | undefined): CallStep['input'] {
  if (input === undefined || input === 'previous') return 'previous'
  return input === 'request' ? 'request' : compileExpression(input)
}
