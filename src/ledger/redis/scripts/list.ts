import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'
import { state } from './library/state.ts'
import { summary } from './library/summary.ts'

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
local page, found = {''}, 0
local from = after == '' and '+' or '(' .. after
local ids = redis.call('ZRANGE', all, from, '-', 'BYLEX', 'REV', 'LIMIT', 0, 1000)
for _, id in ipairs(ids) do
  local s = stateOf(id)
  if s and (status == '' or s.status == status) then
    table.insert(page, {id, summaryOf(id)})
    found = found + 1
    if found == limit then return page end
    if isFull() then
      page[1] = id
      return page
    end
  end
end
if #ids == 1000 then page[1] = ids[1000] end
return page
`
)
