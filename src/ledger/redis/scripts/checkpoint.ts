import { changing } from './changing.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/** Arguments: id, token, progress. Answers 1, or 0 when the claim is lost. */
export const checkpointScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local s = held(ARGV[1], ARGV[2])
if not s then return 0 end
if not string.find(s.holds, 'p') then s.holds = s.holds .. 'p' end
change(s, 'progress', ARGV[3])
finishUp()
return 1
`
)
