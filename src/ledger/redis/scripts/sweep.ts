import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Argument: how many at most, ten more than that. Answers how many expired requests left the indexes. */
export const sweepScript = createScript('goes on', prelude, changing, `return sweep(tonumber(ARGV[1]))`)
