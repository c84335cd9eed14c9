import { changing } from './changing.ts'
import { ending } from './ending.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, token, status, settlement; code and step of a failure. Answers 1, 2 when that lets another run, 0 when
 * the claim is lost.
 */
export const settleScript = createScript(
  'goes on',
  prelude,
  changing,
  ending,
  `
local id, status = ARGV[1], ARGV[3]
if not owns(id, ARGV[2]) then return 0 end
redis.call('HDEL', request(id), 'progress')
redis.call('HSET', request(id), 'settlement', ARGV[4])
local ttl, freed = finish(id, status)
if status == 'failed' then
  redis.call('HSET', request(id), 'code', ARGV[5], 'step', ARGV[6])
  redis.call('ZADD', dead, 0, id)
  redis.call('ZADD', unclosed, 0, id)
else
  expire(id, ttl)
end
return freed and 2 or 1
`
)
