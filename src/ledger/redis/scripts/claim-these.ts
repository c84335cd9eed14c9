import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'
import { taking } from './library/taking.ts'

/** Arguments: the lease, the name of this call, ids. Claims those that nobody runs; answers as `claimScript` does. */
export const claimTheseScript = createScript(
  'goes on',
  prelude,
  changing,
  taking,
  `
local leaseMs, call = tonumber(ARGV[1]), ARGV[2]

local function isFree(s)
  if s.status == 'accepted' then return true end
  local until_ = tonumber(redis.call('ZSCORE', claims, s.id) or 0)
  return s.status == 'running' and (until_ <= now or until_ > farAhead)
end

for i = 3, #ARGV do
  local s = stateOf(ARGV[i])
  if s and isFree(s) then
    unqueue({s.id})
    take(s.id, leaseMs, call)
  end
end
finishUp()
return takenAnswer()
`
)
