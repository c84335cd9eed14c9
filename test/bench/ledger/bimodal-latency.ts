export const fastMs = 20
export const slowMs = 2_000
/** One call in so many is slow. */
export const slowEvery = 20

export const meanMs = ((slowEvery - 1) * fastMs + slowMs) / slowEvery
