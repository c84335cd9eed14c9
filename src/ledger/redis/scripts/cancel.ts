import { changing } from './library/changing.ts'
import { ending } from './library/ending.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Argument: id. Answers `cancelled`, `settled` or `unknown`. */
export const cancelScript = createScript(
  'goes on',
  prelude,
  changing,
  ending,
  `
local id = ARGV[1]
local s = stateOf(id)
if not s then return hasExpired(id) and 'settled' or 'unknown' end
if s.status ~= 'accepted' and s.status ~= 'running' then return 'settled' end
finishWell(s, 'cancelled')
finishAll()
sweep(1)
return 'cancelled'
`
)
