/** For scripts that claim requests. */
export const claiming = `
-- A token is a time, so that it also grows over a failover that forgot the claim before. Answers 1 when the request was
-- running: its owner's lease ran out.
local function take(id, leaseMs, call)
  local status, last = unpack(redis.call('HMGET', request(id), 'status', 'token'))
  local token = math.max(nowMicros, last + 1)
  redis.call('ZREM', ready, id)
  redis.call('ZADD', claims, now + leaseMs, id)
  redis.call('HSET', request(id), 'status', 'running', 'token', token, 'call', call)
  redis.call('HINCRBY', request(id), 'deliveries', 1)
  changed(id)
  return status == 'running' and 1 or 0
end
`
