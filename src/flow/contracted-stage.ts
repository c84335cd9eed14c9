import type { CloudEvent } from '../event/event.ts'
import type { Contract } from '../pipeline/contract/contract.ts'
import type { Input } from '../pipeline/node.ts'
import { contractError, isCallers } from './check-contract.ts'
import { inputOf } from './input-of.ts'
import { failedAt, type Stage, type StageResult } from './stage.ts'

/**
 * The stage of a step under its contract. It makes the step's input itself, as that is held against the contract; `own`
 * takes what it is given.
 */
export const contractedStage = (own: Stage, { input: checks, output }: Contract, reads: Input): Stage => ({
  name: own.name,
  path: own.path,
  async run(current, request, around) {
    const input = await inputOf(reads, current, request, around)
    const code = isCallers(input, request) ? 'CONTRACT_INPUT' : 'CONTRACT_OUTPUT'
    const refused = contractError(code, checks, input)
    if (refused !== undefined) return { result: failedAt(refused, input), attempts: 0 }
    const report = await own.run(input, request, around)
    return { ...report, result: resultOf(report.result, { output }, input, current) }
  }
})

/** `current` is the event before `input:`. */
function resultOf(
  result: StageResult,
  { output }: Pick<Contract, 'output'>,
  input: CloudEvent,
  current: CloudEvent
): StageResult {
  switch (result.kind) {
    case 'replied': {
      const error = contractError('CONTRACT_OUTPUT', output, result.event)
      return error === undefined ? result : failedAt(error, input)
    }
    case 'passed':
      return { ...result, event: current }
    default:
      return result
  }
}
