import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Arguments: id, token, the note as JSON. Answers 1, or 0 when the request neither runs under the claim nor was cancelled so. */
export const tellScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local id, note = ARGV[1], ARGV[3]
local s = stateOf(id)
if not s or s.token ~= ARGV[2] or (s.status ~= 'running' and s.status ~= 'cancelled') then return 0 end
noteIn(s, note)
redis.call('HSET', request(id), 'state', stateText(s), 'waiting', note)
return 1
`
)
