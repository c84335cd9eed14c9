/** For scripts that change requests. */
export const changing = `
local prefix, tag = string.match(base, '^(.*):{(.*)}$')

local function announceWork()
  redis.call('PUBLISH', prefix .. ':work', tag)
end

local function changed(id)
  redis.call('PUBLISH', request(id), redis.call('HINCRBY', request(id), 'version', 1))
end

local function owns(id, token)
  local held = redis.call('HMGET', request(id), 'status', 'token')
  return held[1] == 'running' and held[2] == token
end

local function unqueue(id)
  for _, queue in ipairs({ready, delayed, claims, blocked}) do redis.call('ZREM', queue, id) end
end

local function enqueue(id)
  redis.call('ZADD', ready, redis.call('HGET', request(id), 'rank'), id)
end

-- A few at a time, but more than come in: the index stays as small as what it lists.
local function sweep()
  for _, id in ipairs(redis.call('ZRANGE', ends, '-inf', now, 'BYSCORE', 'LIMIT', 0, 10)) do
    redis.call('ZREM', ends, id)
    redis.call('ZREM', all, id)
    redis.call('ZREM', dead, id)
  end
end
`
