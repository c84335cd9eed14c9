import type { StepNow } from './step-now.ts'
import type { Waiting } from './waiting.ts'

/** The run of a request says this of it beside its marks, for those who ask elsewhere, or later. */
export interface Note {
  /** Why it was held; `undefined`: it was not. */
  readonly waiting: Waiting | undefined
  /** The steps that the marks do not tell of, or not yet. */
  readonly steps: readonly StepNow[]
}

/** The steps of a note, as they are read. */
export interface Told {
  readonly steps: readonly StepNow[]
  /** A later run has the request, and has told nothing yet. */
  readonly isFormer: boolean
}

/** The parts of a record that a note has. */
export interface ReadNote {
  readonly waiting: Waiting | undefined
  readonly told: Told | undefined
}

export const noNote: ReadNote = { waiting: undefined, told: undefined }

type Stored = Partial<Waiting> & { readonly steps?: readonly StepNow[]; readonly token?: number }

/** The note as JSON, as a store keeps it; `undefined`: it says nothing. `token`: of the claim that the run has. */
export function encodeNote({ waiting, steps }: Note, token: number): string | undefined {
  if (steps.length > 0) return JSON.stringify({ ...waiting, steps: steps.map(withoutBody), token } satisfies Stored)
  return waiting && JSON.stringify(waiting)
}

/** `token`: of the last claim. Former versions named held steps only, which says no status, and no token. */
export function readNote(json: string, token: number): ReadNote {
  const { steps, token: teller, ...waiting }: Stored = JSON.parse(json)
  const held = { status: 'held', finishedAt: undefined } as const
  return {
    waiting: isWhole(waiting) ? waiting : undefined,
    told: steps && { steps: steps.map(step => ({ ...held, ...step })), isFormer: (teller ?? token) !== token }
  }
}

const isWhole = (waiting: Partial<Waiting>): waiting is Waiting => waiting.reason !== undefined

/** The words of a step are kept once, with what the request as a whole waits for. */
function withoutBody(step: StepNow): StepNow {
  if (step.waiting?.lastError === undefined) return step
  const { upstreamBody: _, ...lastError } = step.waiting.lastError
  return { ...step, waiting: { ...step.waiting, lastError } }
}
