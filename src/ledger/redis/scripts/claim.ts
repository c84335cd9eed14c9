import { changing } from './changing.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: how many at most, the lease, the name of this call, the names of calls that claimed too, but whose answers
 * were lost. Answers id and fields of each record that was claimed, and 1 when it was taken over.
 *
 * What a lost call has claimed nobody runs: it goes back among the ready ones, without having been delivered.
 * What is due, or was left by its owner, goes back among the ready ones, each at its old rank; a thousand at a time, so
 * that no call is long. A request whose lease ran out stays its owner's until another takes it. A record that is missing
 * was evicted by a server that is set to do so; the durability warned of it.
 */
export const claimScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local limit, leaseMs, call = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

-- A token is a time, so that it also grows over a failover that forgot the claim before. Answers the record, and 1 when
-- the request was running: its owner's lease ran out.
local function take(id)
  local key = request(id)
  local status, last, version, deliveries = unpack(redis.call('HMGET', key, 'status', 'token', 'version', 'deliveries'))
  redis.call('ZREM', ready, id)
  redis.call('ZADD', claims, now + leaseMs, id)
  redis.call('HSET', key, 'status', 'running', 'token', math.max(nowMicros, last + 1), 'call', call,
    'deliveries', deliveries + 1, 'version', version + 1)
  redis.call('PUBLISH', key, version + 1)
  return redis.call('HGETALL', key), status == 'running' and 1 or 0
end

local lost = {}
for i = 4, #ARGV do lost[ARGV[i]] = true end
for _, id in ipairs(next(lost) and redis.call('ZRANGE', claims, 0, -1) or {}) do
  if lost[redis.call('HGET', request(id), 'call')] then
    redis.call('HSET', request(id), 'status', 'accepted')
    redis.call('HINCRBY', request(id), 'deliveries', -1)
    redis.call('ZREM', claims, id)
    enqueue(id)
  end
end

for _, queue in ipairs({delayed, claims}) do
  for _, id in ipairs(redis.call('ZRANGE', queue, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1000)) do
    redis.call('ZREM', queue, id)
    if redis.call('EXISTS', request(id)) == 1 then enqueue(id) end
  end
end

local claimed = {}
for _, id in ipairs(redis.call('ZRANGE', ready, 0, limit - 1)) do
  if redis.call('EXISTS', request(id)) == 1 then
    local record, takenOver = take(id)
    table.insert(claimed, {id, record, takenOver})
  else
    redis.call('ZREM', ready, id)
  end
end
return claimed
`
)
