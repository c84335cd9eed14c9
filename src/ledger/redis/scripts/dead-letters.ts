import { acceptance } from './acceptance.ts'
import { ending } from './ending.ts'
import { changes, prelude } from './prelude.ts'
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

/** Argument: id. Answers the fields of the dead letter, or nothing. */
export const readDeadLetterScript = createScript(
  'reads',
  prelude,
  `
if not redis.call('ZSCORE', dead, ARGV[1]) then return {} end
return redis.call('HGETALL', request(ARGV[1]))
`
)

/** Argument: id. Answers 1, or 0 when there was none. The request counts as expired from then on. */
export const removeDeadLetterScript = createScript(
  'goes on',
  prelude,
  changes,
  ending,
  `
local id = ARGV[1]
if redis.call('ZREM', dead, id) == 0 then return 0 end
redis.call('ZREM', unclosed, id)
redis.call('ZREM', all, id)
redis.call('ZREM', ends, id)
forgetKnown(redis.call('HGET', request(id), 'deduplication') or '', id, 0)
redis.call('DEL', request(id))
return 1
`
)

/**
 * Arguments: id, fields of the replay. Answers `none`; `repeated` and the replay that there is; `full` and how many
 * wait; or `accepted` and the id.
 */
export const replayScript = createScript(
  'takes in',
  prelude,
  changes,
  acceptance,
  `
local id, replay = ARGV[1], requestAt(0, 1)
if not redis.call('ZSCORE', dead, id) then return {'none'} end
local replayedAs, failed = unpack(redis.call('HMGET', request(id), 'replayedAs', 'replayFailed'))
if replayedAs and not failed then return {'repeated', replayedAs} end
if waiting() >= replay.maxQueued then return {'full', waiting()} end
local runnable = store(replay)
redis.call('HSET', request(id), 'replayedAs', replay.id)
redis.call('HDEL', request(id), 'replayFailed')
if runnable then announceWork() end
return {'accepted', replay.id}
`
)
