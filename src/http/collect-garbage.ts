import { measureMemory } from 'node:vm'

/**
 * Begins one collection of all garbage, most of it beside the event loop and in small steps. V8 does not collect while a
 * process is idle, and has no call for it that is made for programs; a measurement of the heap begins one at once.
 */
export function collectGarbage(): void {
  const { emitWarning } = process
  // It tells each process once that the measurement is experimental: nobody here reads what it measures.
  process.emitWarning = () => {}
  try {
    measureMemory({ execution: 'eager' }).catch(() => {})
  } finally {
    process.emitWarning = emitWarning
  }
}
