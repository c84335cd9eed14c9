import { ending } from './ending.ts'
import { changes, prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, token, status, settlement; code and step of a failure. Answers 1, or 0 when the claim is lost.
 */
export const settleScript = createScript(
  'goes on',
  prelude,
  changes,
  ending,
  `
local id, status = ARGV[1], ARGV[3]
if not owns(id, ARGV[2]) then return 0 end
redis.call('HDEL', request(id), 'progress')
redis.call('HSET', request(id), 'settlement', ARGV[4])
local ttl = finish(id, status)
tellOrigin(id, status)
if status == 'failed' then
  redis.call('HSET', request(id), 'code', ARGV[5], 'step', ARGV[6])
  redis.call('ZADD', dead, 0, id)
  redis.call('ZADD', unclosed, 0, id)
else
  expire(id, ttl)
end
return 1
`
)

/** Argument: id. Answers `cancelled`, `settled` or `unknown`. */
export const cancelScript = createScript(
  'goes on',
  prelude,
  changes,
  ending,
  `
local id = ARGV[1]
local status = redis.call('HGET', request(id), 'status')
if not status then return redis.call('EXISTS', tombstone(id)) == 1 and 'settled' or 'unknown' end
if status ~= 'accepted' and status ~= 'running' then return 'settled' end
expire(id, finish(id, 'cancelled'))
return 'cancelled'
`
)
