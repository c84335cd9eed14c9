import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id of the last one seen or nothing, how many at most, step and code or nothing, the least time
 * of failure, 1 for closed ones too. Answers the id to go on after (nothing: that was all), then id and fields of each; oldest first.
 */
export const listDeadLettersScript = createScript(
  'reads',
  prelude,
  `
local after, limit, step, code, since = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])
local page, found = {''}, 0
local ids = redis.call('ZRANGE', ARGV[6] == '1' and dead or unclosed, after == '' and '-' or '(' .. after, '+', 'BYLEX',
  'LIMIT', 0, 1000)
for _, id in ipairs(ids) do
  local is = redis.call('HMGET', request(id), 'finishedAt', 'step', 'code')
  if is[1] and tonumber(is[1]) >= since and (step == '' or is[2] == step) and (code == '' or is[3] == code) then
    table.insert(page, {id, redis.call('HGETALL', request(id))})
    found = found + 1
    if found == limit then return page end
  end
end
if #ids == 1000 then page[1] = ids[1000] end
return page
`
)
