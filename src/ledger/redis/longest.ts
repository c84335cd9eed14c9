/**
 * The longest lease, and the longest delay, in milliseconds. A time that lies further ahead was written before the
 * clock of Redis was set back. A request that is to wait longer is looked at meanwhile.
 */
export const longestMs = 60_000
