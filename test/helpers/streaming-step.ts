import type { OutgoingHttpHeaders } from 'node:http'
import { createGate, type Gate } from './gate.ts'
import { startStep, type StepServer } from './step-server.ts'

export interface StreamingStep extends AsyncDisposable {
  readonly step: StepServer
  /** One for each piece: it is sent once its gate is open. */
  readonly gates: readonly Gate[]
  openAll(): void
}

/** Stands for the end of the connection, in place of a piece. */
export const brokenOff = Symbol('broken off')

/** A step that streams the pieces, each as soon as the test lets it. */
export async function startStreamingStep(
  pieces: readonly (string | Uint8Array | typeof brokenOff)[],
  headers: OutgoingHttpHeaders = { 'content-type': 'text/event-stream' }
): Promise<StreamingStep> {
  const gates = pieces.map(createGate)
  async function* body() {
    for (const [i, piece] of pieces.entries()) {
      await gates[i]?.opened
      if (piece === brokenOff) throw new Error('broken off, as the test wants it')
      yield piece
    }
  }
  const step = await startStep(() => ({ headers, body: body() }))
  return {
    step,
    gates,
    openAll: () => {
      for (const gate of gates) gate.open()
    },
    [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]()
  }
}
