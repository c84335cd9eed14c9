import type { CloudEvent } from '../event/event.ts'
import { countEvents } from './count-events.ts'
import type { Mark, Marks, Replies } from './mark.ts'
import { noMarks } from '../pipeline/paths.ts'
import type { Request } from './request.ts'
import { cancelled, type Failed, type Stage, type StageResult } from './stage.ts'
import type { Surroundings } from './surroundings.ts'

/** The outcome of a sequence. */
export type SequenceResult =
  | { readonly kind: 'replied'; readonly event: CloudEvent }
  /** `step`: the name of the step that filtered it. */
  | { readonly kind: 'filtered'; readonly step: string }
  | ({ readonly kind: 'failed' } & Failed)
  | { readonly kind: 'cancelled'; readonly marks: Marks }

/** Takes an event through the nodes, from the mark of the sequence on if there is one. Resolves in every case. */
export type RunSequence = (event: CloudEvent, request: Request, around: Surroundings) => Promise<SequenceResult>

/**
 * Stages one after the other: the only thing that has order. The path is that of the sequence; the root's is empty.
 * `onFailed` is waited for before a failure is told.
 */
export function createSequence(
  path: string,
  stages: readonly Stage[],
  keepsReplies: boolean,
  onFailed?: (failed: Failed, request: Request) => Promise<void>
): RunSequence {
  const places = new Map(stages.map(({ name }, place) => [name, place]))
  const markOf = (place: number, event: CloudEvent, replies: Replies): Mark => ({
    next: stages[place]?.name ?? '',
    event,
    replies,
    ended: undefined
  })

  return async (first, request, around) => {
    const mark = around.marks.get(path)
    let place = mark === undefined ? 0 : placeOf(places, mark, path)
    let event = mark?.event ?? first
    let surroundings = mark === undefined ? around : { ...around, replies: mark.replies }
    for (let stage = stages[place]; stage !== undefined; stage = stages[place]) {
      const { result } = await stage.run(event, request, surroundings)
      switch (result.kind) {
        case 'replied':
        case 'passed': {
          const { replies } = surroundings
          surroundings = nextTo(surroundings, keepsReplies ? repliesWith(replies, stage, result) : replies)
          event = result.event
          countEvents({ event, replies: surroundings.replies }, request)
          place++
          // At the end of the sequence whoever runs it writes down what it came to.
          if (place === stages.length || request.journal === undefined) break
          const taken = await request.journal.checkpoint(path, markOf(place, event, surroundings.replies))
          if (!taken) return cancelled
          break
        }
        case 'cancelled':
          return { kind: 'cancelled', marks: marksWith(result, path, markOf(place, event, surroundings.replies)) }
        case 'failed': {
          const marks = marksWith(result, path, markOf(place, event, surroundings.replies))
          const { error, letter } = result
          await onFailed?.({ error, marks, letter }, request)
          return { kind: 'failed', error, marks, letter }
        }
        case 'filtered':
          return result
      }
    }
    return { kind: 'replied', event }
  }
}

/** A stage that has chosen where it calls has the mark of its sequence itself. */
const marksWith = ({ marks }: { readonly marks: Marks }, path: string, mark: Mark): Marks =>
  marks.has(path) ? marks : new Map(marks).set(path, mark)

/** The caller looked whether the plan has every node that is marked. */
function placeOf(places: ReadonlyMap<string, number>, { next }: Mark, path: string): number {
  const place = places.get(next)
  if (place === undefined) throw new Error(`the sequence "${path}" has no node "${next}"`)
  return place
}

const repliesWith = (replies: Replies, { name }: Stage, result: StageResult): Replies =>
  result.kind === 'replied' ? new Map(replies).set(name, result.event) : replies

/** Marks below a sequence belong to the node at which it was put down, and to none after that. */
function nextTo(around: Surroundings, replies: Replies): Surroundings {
  if (replies === around.replies && around.marks === noMarks) return around
  return { original: around.original, replies, marks: noMarks }
}
