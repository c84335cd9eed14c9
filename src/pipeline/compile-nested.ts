import { compileContract } from './compile-contract.ts'
import { compileDelivery } from './compile-delivery.ts'
import type { CompileSteps, StepScope } from './compile-body.ts'
import { fillSpec } from './filled-texts.ts'
import { nestedKey } from './nesting.ts'
import type { NestedStep, StructuredStep } from './node.ts'
import type { ContractSpec } from './spec/contract-spec.ts'
import { stepNames } from './spec/step-name.ts'

/**
 * The steps of another pipeline as a sequence of this one. Of its spec hold the steps, the delivery, which
 * is the default of its steps, but not its dead letter sink, and the contract, beside the step's own. One that is not known, or nests itself, has no
 * steps.
 */
export function compileNested(
  written: string,
  ownContract: ContractSpec | undefined,
  step: Omit<StructuredStep, 'bodies'>,
  scope: StepScope,
  compileSteps: CompileSteps
): NestedStep {
  const pipeline = nestedKey(written, scope.namespace)
  const definition = scope.around.includes(pipeline) ? undefined : scope.find(pipeline)
  if (definition === undefined) return { kind: 'pipeline', ...step, pipeline, bodies: [] }
  const { baseDir } = definition
  const spec = scope.environment === undefined ? definition.spec : fillSpec(definition.spec, scope.environment)
  const [namespace = ''] = pipeline.split('/')
  const { deadLetterSink: _sink, ...delivery } = spec.delivery ?? {}
  const inner = { ...scope, namespace, pipeline, baseDir }
  const flow = compileSteps(spec.steps, {
    ...inner,
    path: step.path,
    names: stepNames(spec.steps),
    delivery: spec.delivery === undefined ? step.delivery : compileDelivery(delivery, step.delivery, inner),
    around: [...scope.around, pipeline]
  })
  const contract = compileContract(ownContract, spec.contract)
  const body = { name: step.name, path: step.path, when: undefined, flow }
  return { kind: 'pipeline', ...step, contract, pipeline, bodies: [body] }
}
