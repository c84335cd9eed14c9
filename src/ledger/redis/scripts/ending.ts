/** How long it is known of an expired request that there was one, in milliseconds. */
const rememberedMs = 7 * 24 * 60 * 60 * 1000

/** For scripts that end requests. */
export const ending = `
local function expire(id, ttl)
  redis.call('PEXPIRE', request(id), ttl)
  redis.call('ZADD', ends, now + ttl, id)
  redis.call('SET', tombstone(id), '', 'PX', ttl + ${rememberedMs})
end

-- Answers whether there is one more to claim.
local function unblockNext(digest, id)
  local order = base .. ':order:' .. digest
  redis.call('ZREM', order, id)
  local first = redis.call('ZRANGE', order, 0, 0)[1]
  if not first or redis.call('ZREM', blocked, first) == 0 then return false end
  enqueue(first)
  announceWork()
  return true
end

-- The same key may have been used again, after the first request with it had expired.
local function forgetKnown(digests, id, ttl)
  for digest in string.gmatch(digests, '%S+') do
    local known = base .. ':known:' .. digest
    local holder = redis.call('GET', known)
    if holder and string.match(holder, '^%S+') == id then redis.call('PEXPIRE', known, ttl) end
  end
end

-- The dead letter can be replayed again, as if this replay had not been.
local function unmarkOrigin(id, origin)
  if origin and redis.call('HGET', request(origin), 'replayedAs') == id then
    redis.call('HDEL', request(origin), 'replayedAs')
  end
end

-- A dead letter stays until it is removed; closed, it has its time to live from then on. What it replayed itself is
-- closed with it.
local function closeOrigins(id, origin)
  while origin and redis.call('ZREM', unclosed, origin) == 1 and redis.call('EXISTS', request(origin)) == 1 do
    redis.call('HSET', request(origin), 'closed', 1, 'replayedAs', id)
    local before, ttl = unpack(redis.call('HMGET', request(origin), 'replayOf', 'ttl'))
    expire(origin, ttl)
    origin = before
  end
end

-- Ends the request, and sets more fields of it. Answers the time to live, since the caller decides whether it runs
-- already, and whether another may run now.
local function finish(id, status, ...)
  local key = request(id)
  local version, order, digests, ttl, origin =
    unpack(redis.call('HMGET', key, 'version', 'order', 'deduplication', 'ttl', 'replayOf'))
  unqueue(id)
  if redis.call('ZREM', open, id) == 0 then
    redis.call('ZREM', timed, id)
    redis.call('ZREM', times, id)
  end
  redis.call('HSET', key, 'status', status, 'finishedAt', now, 'version', version + 1, ...)
  local freed = order and unblockNext(order, id)
  if digests then forgetKnown(digests, id, ttl) end
  if status == 'cancelled' then unmarkOrigin(id, origin) elseif status ~= 'failed' then closeOrigins(id, origin) end
  redis.call('PUBLISH', key, version + 1)
  return ttl, freed
end
`
