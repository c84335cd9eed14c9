import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Arguments: the lease, then id and token of each claim. Answers which are lost, counted from 1. */
export const renewScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local lost = {}
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  if held(id, ARGV[i + 1]) then
    redis.call('ZREM', ready, id)
    redis.call('ZADD', claims, now + ARGV[1], id)
  else
    table.insert(lost, i / 2)
  end
end
return lost
`
)
