import { changing } from './changing.ts'
import { ending } from './ending.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: of each claim its id, token, status, settlement, code and step of a failure. Answers for each 1, 2 when
 * that lets another run, 0 when the claim is lost.
 */
export const settleScript = createScript(
  'goes on',
  prelude,
  changing,
  ending,
  `
local function settle(id, token, status, settlement, code, step)
  local record = look(id)
  if record.status ~= 'running' or record.token ~= token then return 0 end
  redis.call('HDEL', request(id), 'progress')
  local freed
  if status == 'failed' then
    freed = finish(record, status, 'settlement', settlement, 'code', code, 'step', step)
    redis.call('ZADD', dead, 0, id)
    redis.call('ZADD', unclosed, 0, id)
  else
    freed = finish(record, status, 'settlement', settlement)
    if status == 'cancelled' then unmarkOrigin(id, record.replayOf) else closeOrigins(id, record.replayOf) end
    expire(id, record.ttl)
  end
  return freed and 2 or 1
end

local answers = {}
for at = 1, #ARGV, 6 do table.insert(answers, settle(unpack(ARGV, at, at + 5))) end
sweep(#answers)
return answers
`
)
