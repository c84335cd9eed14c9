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

/** `passed`: none of the steps inside was chosen. */
export type InsideResult = SequenceResult | { readonly kind: 'passed' }

/** A step that holds steps: `input` comes before them, and `onEmpty` decides what their silence means. */
export const createStructuredStage = (step: StructuredStep, runInside: RunInside): Stage => ({
  name: step.name,
  path: step.path,
  async run(current, request, around) {
    const input = await inputOf(step.input, current, request, around)
    return { result: resultOf(await runInside(input, request, around), step, input, current), attempts: 0 }
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
