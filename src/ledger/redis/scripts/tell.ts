import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, token, the note as JSON. Answers 1, or 0 when the request neither runs under the claim nor was cancelled
 * while it did; that one has its last version.
 */
export const tellScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local id, note = ARGV[1], ARGV[3]
local s = stateOf(id)
if not s or s.token ~= ARGV[2] then return 0 end
if s.status == 'cancelled' then
  redis.call('HSET', request(id), 'waiting', note)
  return 1
end
if s.status ~= 'running' then return 0 end
noteIn(s, note)
change(s, 'waiting', note)
finishUp()
return 1
`
)
