import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { StructuredStep } from '../pipeline/node.ts'
import { inputOf } from './input-of.ts'
import { emptied } from './on-empty.ts'
import type { Request } from './request.ts'
import type { SequenceResult } from './sequence.ts'
import type { Stage, StageResult } from './stage.ts'
import type { Surroundings } from './surroundings.ts'

/** Runs what is inside a step on the event that `input:` made for it. */
export type RunInside = (event: CloudEvent, request: Request, around: Surroundings) => Promise<InsideResult>

/** `passed`: none of the steps inside was chosen. `forgiven`: the failures that do not make it fail. */
export type InsideResult = (SequenceResult | { readonly kind: 'passed' }) & {
  readonly forgiven?: readonly SluiceError[]
}

/** A step that holds steps: `input` comes before them, and `onEmpty` decides what their silence means. */
export const createStructuredStage = (step: StructuredStep, runInside: RunInside): Stage => ({
  name: step.name,
  path: step.path,
  async run(current, request, around) {
    const input = await inputOf(step.input, current, request, around)
    const ended = await runInside(input, request, around)
    const report = { result: resultOf(ended, step, input, current), attempts: 0 }
    return ended.forgiven === undefined ? report : { ...report, forgiven: ended.forgiven }
  }
})

function resultOf(ended: InsideResult, step: StructuredStep, input: CloudEvent, current: CloudEvent): StageResult {
  switch (ended.kind) {
    case 'passed':
      return { kind: 'passed', event: current }
    case 'filtered':
      return emptied(step, input, current, ended.step)
    case 'failed':
      return { ...ended, input }
    case 'replied':
    case 'cancelled':
      return ended
  }
}
