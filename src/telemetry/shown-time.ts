/** From so many milliseconds on a time is told in seconds. */
const longMs = 10_000

/** `12 ms`, `2 s`. */
export const shownTime = (ms: number): string => (ms < longMs ? `${shownMs(ms)} ms` : `${Math.round(ms / 1000)} s`)

/** Without the unit where it is that of the whole, as nearly always. */
export const shownStepTime = (ms: number): string => (ms < longMs ? shownMs(ms) : shownTime(ms))

/** A tenth is of interest below ten milliseconds only. */
const shownMs = (ms: number): string => (ms < 10 ? String(Math.round(ms * 10) / 10) : String(Math.round(ms)))
