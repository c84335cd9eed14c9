import { changing } from './library/changing.ts'
import { ending } from './library/ending.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: names of calls whose acceptances nobody was told of. Removes what they accepted, as if it had not been,
 * but what another caller was told of since. Answers how many requests that were.
 */
export const withdrawScript = createScript(
  'goes on',
  prelude,
  changing,
  ending,
  `
local calls = {}
for _, call in ipairs(ARGV) do calls[call] = true end

local function forget(s)
  for digest in string.gmatch(s.deduplication, '[^,]+') do
    local holder = redis.call('GET', base .. ':known:' .. digest)
    if holder and string.match(holder, '^%S+') == s.id then redis.call('DEL', base .. ':known:' .. digest) end
  end
  if s.order ~= '' then unblockNext(s.order, s.id) end
  redis.call('DEL', request(s.id))
end

local withdrawn = {}
for _, queue in ipairs({claims, blocked}) do
  local untouched = queue == claims and '2' or '1'
  for _, id in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
    local s = stateOf(id)
    if s and calls[s.call] and s.version == untouched then
      forget(s)
      withdrawn[#withdrawn + 1] = id
    end
  end
end
for _, set in ipairs({claims, ready, blocked, open, timed, times, all}) do withMembers('ZREM', set, withdrawn) end
return #withdrawn
`
)
