/** For scripts that end requests; they end with `finishAll`. */
export const ending = `
-- Answers whether there is one more to claim.
local function unblockNext(digest, id)
  local order = base .. ':order:' .. digest
  redis.call('ZREM', order, id)
  local first = redis.call('ZRANGE', order, 0, 0)[1]
  if not first or redis.call('ZREM', blocked, first) == 0 then return false end
  enqueue(stateOf(first))
  announceWork()
  return true
end

-- The same key may have been used again, after the first request with it had expired.
local function forgetKnown(s, ttl)
  for digest in string.gmatch(s.deduplication, '[^,]+') do
    local known = base .. ':known:' .. digest
    local holder = redis.call('GET', known)
    if holder and string.match(holder, '^%S+') == s.id then redis.call('PEXPIRE', known, ttl) end
  end
end

-- The dead letter can be replayed again, as if this replay had not been.
local function unmarkOrigin(s)
  if s.replayOf ~= '' and redis.call('HGET', request(s.replayOf), 'replayedAs') == s.id then
    redis.call('HDEL', request(s.replayOf), 'replayedAs')
  end
end

-- A dead letter stays until it is removed; closed, it has its time to live from then on. The letter that it replayed
-- itself is closed with it.
local function closeOrigins(s, id)
  local origin = s.replayOf ~= '' and redis.call('ZREM', unclosed, s.replayOf) == 1 and stateOf(s.replayOf)
  if not origin then return end
  redis.call('HSET', request(origin.id), 'closed', 1, 'replayedAs', id)
  expire(origin.id, origin.ttl)
  closeOrigins(origin, id)
end

-- Whether the hash held it; from now on it does not.
local function drop(s, letter)
  local count
  s.holds, count = string.gsub(s.holds, letter, '')
  return count > 0
end

local finished = {}

-- Ends the request, and sets more fields of it. Answers whether another may run now.
local function finish(s, status, ...)
  finished[#finished + 1] = s.id
  local order = s.order
  if drop(s, 's') then redis.call('DEL', stream(s.id)) end
  if status ~= 'cancelled' and drop(s, 'w') then redis.call('HDEL', request(s.id), 'waiting') end
  s.status, s.finishedAt, s.order = status, nowText, ''
  change(s, ...)
  if s.deduplication ~= '' then forgetKnown(s, s.ttl) end
  return order ~= '' and unblockNext(order, s.id)
end

-- Ends it otherwise than as a dead letter: nobody needs its data any more.
local function finishWell(s, status, ...)
  local freed
  if drop(s, 'd') then
    freed = finish(s, status, 'data', '', ...)
  else
    freed = finish(s, status, ...)
  end
  if status == 'cancelled' then unmarkOrigin(s) else closeOrigins(s, s.id) end
  expire(s.id, s.ttl)
  return freed
end

-- The rest for all that were finished.
local function finishAll()
  unqueue(finished)
  removeFrom({open, timed, times}, finished)
  finishUp()
end
`
