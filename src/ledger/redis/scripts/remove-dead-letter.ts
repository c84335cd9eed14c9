import { changing } from './library/changing.ts'
import { ending } from './library/ending.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Argument: id. Answers 1, or 0 when there was none. The request counts as expired from then on. */
export const removeDeadLetterScript = createScript(
  'goes on',
  prelude,
  changing,
  ending,
  `
local id = ARGV[1]
if redis.call('ZREM', dead, id) == 0 then return 0 end
redis.call('ZREM', unclosed, id)
local s = stateOf(id)
if s then
  unmarkOrigin(s)
  forgetKnown(s, 0)
end
expire(id, 0)
finishUp()
return 1
`
)
