import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'
import { state } from './library/state.ts'
import { mostIds, summary } from './library/summary.ts'

/**
 * Arguments: id of the last one seen or nothing, how many at most, status or nothing. Answers the id to go on after
 * (nothing: that was all), then id and fields of each record; newest first. Looks at a thousand at most.
 */
export const listScript = createScript(
  'reads',
  prelude,
  state,
  summary,
  `
local after, limit, status = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local from = after == '' and '+' or '(' .. after
local ids = redis.call('ZRANGE', all, from, '-', 'BYLEX', 'REV', 'LIMIT', 0, ${mostIds})
return pageOf(ids, limit, function(id, s)
  return status == '' or s.status == status
end)
`
)
