/**
 * How long the process waits, when all is closed, for work such as an export to a silent collector, in milliseconds.
 */
const restMs = 500

/** Lets the process end, and ends it when something still holds it up after a moment. */
export function leaveSoon(): void {
  setTimeout(() => process.exit(), restMs).unref()
}
