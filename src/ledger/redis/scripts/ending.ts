/** For scripts that end requests; they end with `finishAll`, or `addAll` where nothing is finished. */
export const ending = `
-- What ends a request must know of it.
local function look(id)
  local status, token, version, order, deduplication, ttl, replayOf, progress = unpack(redis.call('HMGET', request(id),
    'status', 'token', 'version', 'order', 'deduplication', 'ttl', 'replayOf', 'progress'))
  return {
    id = id, status = status, token = token, version = version, order = order, deduplication = deduplication, ttl = ttl,
    replayOf = replayOf, hasProgress = progress and true
  }
end

local function expire(id, ttl)
  redis.call('PEXPIRE', request(id), ttl)
  add(ends, whole(now + ttl), id)
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

local finished = {}

-- Ends the request, and sets more fields of it. Answers whether another may run now.
local function finish(record, status, ...)
  local id, order, deduplication, version = record.id, record.order, record.deduplication, whole(record.version + 1)
  finished[#finished + 1] = id
  redis.call('HSET', request(id), 'status', status, 'finishedAt', nowText, 'version', version, ...)
  local freed = order and unblockNext(order, id)
  if deduplication then forgetKnown(deduplication, id, record.ttl) end
  redis.call('PUBLISH', request(id), version)
  return freed
end

-- The rest for all that were finished.
local function finishAll()
  unqueue(finished)
  removeFrom({open, timed, times}, finished)
  addAll()
end
`
