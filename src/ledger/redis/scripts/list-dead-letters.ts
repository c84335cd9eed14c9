import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'
import { state } from './library/state.ts'
import { mostIds, summary } from './library/summary.ts'

/**
 * Arguments: id of the last one seen or nothing, how many at most, step and code or nothing, the least time
 * of failure, 1 for closed ones too. Answers the id to go on after (nothing: that was all), then id and fields of each;
 * oldest first.
 */
export const listDeadLettersScript = createScript(
  'reads',
  prelude,
  state,
  summary,
  `
local after, limit, step, code, since = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])
local ids = redis.call('ZRANGE', ARGV[6] == '1' and dead or unclosed, after == '' and '-' or '(' .. after, '+', 'BYLEX',
  'LIMIT', 0, ${mostIds})
return pageOf(ids, limit, function(id, s)
  local failed = redis.call('HMGET', request(id), 'step', 'code')
  return tonumber(s.finishedAt) >= since and (step == '' or failed[1] == step) and (code == '' or failed[2] == code)
end)
`
)
