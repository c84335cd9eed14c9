import { changing } from './library/changing.ts'
import { ending } from './library/ending.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: for each claim its id, token, status, code and step of a failure, in one; and the settlement. Answers a
 * text with a digit for each: 1, 2 when that lets another run, 0 when the claim is lost.
 */
export const settleScript = createScript(
  'goes on',
  prelude,
  changing,
  ending,
  `
local function settle(head, settlement)
  local id, token, status, code, step = string.match(head, '^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) (.*)$')
  local s = held(id, token)
  if not s then return '0' end
  if drop(s, 'p') then redis.call('HDEL', request(id), 'progress') end
  if drop(s, 'm') then forgetMarks(id, '') end
  local freed
  if status == 'failed' then
    freed = finish(s, status, 'settlement', settlement, 'code', code, 'step', step)
    add(dead, '0', id)
    add(unclosed, '0', id)
  else
    freed = finishWell(s, status, 'settlement', settlement)
  end
  return freed and '2' or '1'
end

local answers = {}
for at = 1, #ARGV, 2 do answers[#answers + 1] = settle(ARGV[at], ARGV[at + 1]) end
finishAll()
sweep(#answers)
return table.concat(answers)
`
)
