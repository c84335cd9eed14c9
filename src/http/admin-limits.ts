/** The limits of numbers in a query of the admin plane, for it and for the commands that send them. */
export const adminLimits = {
  /** How many items of a list. */
  page: { usual: 100, most: 1000 },
  /** How many dead letters a bulk replay lets go in a second. */
  replayRate: { usual: 50, most: 10_000 }
} as const
