import { SluiceError } from '../errors.ts'
import type { NestedStep } from '../pipeline/node.ts'
import type { Replies } from './mark.ts'
import { noMarks } from '../pipeline/paths.ts'
import type { CreateBody } from './run-body.ts'
import type { Stage } from './stage.ts'
import { createStructuredStage } from './structured-stage.ts'

const noReplies: Replies = new Map()

/** Another pipeline inside this one: `$request` is the event that it is given, and `$steps` has only its own. */
export function createNestedStage(step: NestedStep, createBody: CreateBody): Stage {
  const [body] = step.bodies
  const run = body && createBody(body)
  return createStructuredStage(step, async (event, request, { marks }) => {
    if (run !== undefined) return run(event, request, { original: event, replies: noReplies, marks })
    const error = new SluiceError('PIPELINE_NOT_READY', `there is no pipeline ${step.pipeline} that could be nested`)
    return { kind: 'failed', error, marks: noMarks, letter: undefined }
  })
}
