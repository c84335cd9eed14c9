/** For scripts that claim requests. */
export const claiming = `
-- A token is a time, so that it also grows over a failover that forgot the claim before.
local function take(id, leaseMs, call)
  local token = math.max(nowMicros, redis.call('HGET', request(id), 'token') + 1)
  redis.call('ZREM', ready, id)
  redis.call('ZADD', claims, now + leaseMs, id)
  redis.call('HSET', request(id), 'status', 'running', 'token', token, 'call', call)
  redis.call('HINCRBY', request(id), 'deliveries', 1)
  changed(id)
end
`
