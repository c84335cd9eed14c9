import { changing } from './changing.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/** Argument: how many at most, ten more than that. Answers how many expired requests left the indexes. */
export const sweepScript = createScript('goes on', prelude, changing, `return sweep(tonumber(ARGV[1]))`)
