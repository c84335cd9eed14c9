import { gathering } from './gathering.ts'

/** How long it is known of an expired request that there was one, in milliseconds. */
const rememberedMs = 7 * 24 * 60 * 60 * 1000

/** For scripts that change requests. */
export const changing = `${gathering}
local function announceWork()
  local prefix, tag = string.match(base, '^(.*):{(.*)}$')
  redis.call('PUBLISH', prefix .. ':work', tag)
end

local function changed(id)
  redis.call('PUBLISH', request(id), redis.call('HINCRBY', request(id), 'version', 1))
end

local function owns(id, token)
  local held = redis.call('HMGET', request(id), 'status', 'token')
  return held[1] == 'running' and held[2] == token
end

-- One that runs is in no other queue, but for one whose lease ran out.
local function unqueue(ids)
  removeFrom({claims, ready, delayed, blocked}, ids)
end

local function enqueue(id)
  redis.call('ZADD', ready, redis.call('HGET', request(id), 'rank'), id)
end

-- More than come in, when count of them do, so that the index stays as small as what it lists.
local function sweep(count)
  local expired = redis.call('ZRANGE', ends, '-inf', now, 'BYSCORE', 'LIMIT', 0, count + 10)
  for _, id in ipairs(expired) do redis.call('SET', tombstone(id), '', 'PX', ${rememberedMs}) end
  for _, set in ipairs({ends, all, dead}) do withMembers('ZREM', set, expired) end
end
`
