/** What may still be under way when all is closed, in milliseconds: an export to a collector that does not answer, say. */
const restMs = 500

/** Lets the process end, and ends it when something still holds it up after a moment. */
export function leaveSoon(): void {
  setTimeout(() => process.exit(), restMs).unref()
}
