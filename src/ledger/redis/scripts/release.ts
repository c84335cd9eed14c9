import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, token, delay, 1 when the delivery is spent, a note as JSON or nothing. Answers 1, or 0 when
 * the claim is lost.
 */
export const releaseScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local id, delayMs = ARGV[1], tonumber(ARGV[3])
local s = held(id, ARGV[2])
if not s then return 0 end
unqueue({id})
s.status = 'accepted'
if ARGV[4] ~= '1' then s.deliveries = whole(s.deliveries - 1) end
noteIn(s, ARGV[5])
change(s, 'waiting', ARGV[5])
if delayMs > 0 then
  add(delayed, whole(now + delayMs), id)
else
  add(ready, s.rank, id)
  announceWork()
end
finishUp()
return 1
`
)
