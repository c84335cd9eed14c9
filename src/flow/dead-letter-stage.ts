import type { Node } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { createDeadLetterSender } from './dead-letter-sender.ts'
import type { RunDeps } from './run-deps.ts'
import { around, runSafely, type Failed, type StagePolicy } from './stage.ts'
import type { Request } from './request.ts'

/** A failure takes along what its dead letter sink is to get, if one applies. A failure inside has its own with it. */
export function deadLettered(plan: Plan, node: Node, deps: RunDeps): StagePolicy {
  if (node.delivery.deadLetterSink === undefined) return next => next
  const send = createDeadLetterSender(plan, node, deps)
  return next =>
    around(next, async (event, request, surroundings) => {
      const report = await runSafely(next, event, request, surroundings)
      const { result } = report
      if (result.kind !== 'failed' || result.letter !== undefined) return report
      return { ...report, result: { ...result, letter: { input: result.input, send } } }
    })
}

/** Tells the dead letter sink of a request that failed for good. */
export async function sendLetter({ error, letter }: Failed, request: Request): Promise<void> {
  const sent = letter?.send(letter.input, error, request)
  // A stored request is settled only after its dead letter was sent, so that a crash repeats the sending.
  if (request.journal !== undefined) await sent
}
