import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, version. Answers the fields of the record; `same` when its version is not above the one given;
 * `expired` or `unknown`.
 */
export const readScript = createScript(
  'reads',
  prelude,
  `
local id = ARGV[1]
local version = redis.call('HGET', request(id), 'version')
if not version then return redis.call('EXISTS', tombstone(id)) == 1 and 'expired' or 'unknown' end
if tonumber(version) <= tonumber(ARGV[2]) then return 'same' end
return redis.call('HGETALL', request(id))
`
)

/**
 * Arguments: id of the last one seen or nothing, how many at most, status or nothing. Answers the id to go on after
 * (nothing: that was all), then id and fields of each record; newest first. Looks at a thousand at most.
 */
export const listScript = createScript(
  'reads',
  prelude,
  `
local after, limit, status = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local page, found = {''}, 0
local from = after == '' and '+' or '(' .. after
local ids = redis.call('ZRANGE', all, from, '-', 'BYLEX', 'REV', 'LIMIT', 0, 1000)
for _, id in ipairs(ids) do
  local is = redis.call('HGET', request(id), 'status')
  if is and (status == '' or is == status) then
    table.insert(page, {id, redis.call('HGETALL', request(id))})
    found = found + 1
    if found == limit then return page end
  end
end
if #ids == 1000 then page[1] = ids[1000] end
return page
`
)

/** Answers how many are queued and claimed, the least acceptance and the least event time; -1 when there is none. */
export const pendingScript = createScript(
  'reads',
  prelude,
  `
local function least(index)
  return tonumber(redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2] or -1)
end
local queued = redis.call('ZCARD', ready) + redis.call('ZCARD', delayed) + redis.call('ZCARD', blocked)
return {queued, redis.call('ZCARD', claims), least(open), least(times)}
`
)

/** Answers 1 when there is something to claim now. */
export const claimableScript = createScript(
  'reads',
  prelude,
  `
if redis.call('EXISTS', ready) == 1 then return 1 end
for _, queue in ipairs({delayed, claims}) do
  if redis.call('ZCOUNT', queue, '-inf', now) > 0 then return 1 end
end
return 0
`
)
