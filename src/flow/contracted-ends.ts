import type { CloudEvent } from '../event/event.ts'
import type { Contract } from '../pipeline/contract/contract.ts'
import { isSinks } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { SluiceError } from '../errors.ts'
import { contractError } from './check-contract.ts'
import { deadLettered } from './dead-letter-stage.ts'
import type { RunDeps } from './run-deps.ts'
import { around, failedAt, wrapStage, type Stage, type StagePolicy } from './stage.ts'

/**
 * The stages of a plan under the contract of the pipeline: the first one looks at what the caller sent, the last step at
 * what would go to the caller, to the reply's destination or to the sinks. A failure is that of the pipeline, and names no step.
 */
export function contractedEnds(plan: Plan, stages: readonly Stage[], deps: RunDeps): readonly Stage[] {
  const { contract } = plan
  if (contract === undefined) return stages
  const last = plan.flow.findLastIndex(node => node.kind !== 'reply' && !isSinks(node))
  return stages.map((stage, i) => {
    const node = plan.flow[i]
    if (node === undefined || (i !== 0 && i !== last)) return stage
    const takes = i === 0 ? takesOnly(plan) : asItIs
    return i === last
      ? wrapStage(stage, takes, deadLettered(plan, node, deps), givesOnly(contract.output))
      : takes(stage)
  })
}

const asItIs: StagePolicy = next => next

const takesOnly =
  (plan: Plan): StagePolicy =>
  next =>
    around(next, async (event, request, surroundings) => {
      const refused = inputError(plan, event)
      if (refused !== undefined) return { result: failedAt(refused, event), attempts: 0 }
      return next.run(event, request, surroundings)
    })

const givesOnly =
  (output: Contract['output']): StagePolicy =>
  next =>
    around(next, async (event, request, surroundings) => {
      const report = await next.run(event, request, surroundings)
      const { result, attempts } = report
      if (result.kind !== 'replied' && result.kind !== 'passed') return report
      const error = contractError('CONTRACT_OUTPUT', output, result.event)
      return error === undefined ? report : { result: failedAt(error.with({ attempts }), event), attempts }
    })

/** Data that the pipeline does not take is refused before it is accepted. Throws CONTRACT_INPUT. */
export function checkInput(plan: Plan, event: CloudEvent): void {
  const refused = inputError(plan, event)
  if (refused !== undefined) throw refused
}

/** Why the pipeline does not take an event; `undefined`: it does. */
const inputError = ({ contract, pipeline }: Plan, event: CloudEvent): SluiceError | undefined =>
  contract && contractError('CONTRACT_INPUT', contract.input, event)?.with({ pipeline })
