/**
 * For scripts that accept requests. Fields of the record beside those of `StoredRecord`: `token` and `call`
 * (of the last claim), `rank`, `order` (digest of the order key), `deduplication` (digests), `ttl`, `replayOf`.
 */
export const accepting = `
local fieldCount = 11

-- The i-th request, from 0, of those that start after the given argument.
local function requestAt(i, offset)
  local at = offset + i * fieldCount
  return {
    id = ARGV[at + 1], priority = tonumber(ARGV[at + 2]), order = ARGV[at + 3], eventTime = ARGV[at + 4],
    ttl = ARGV[at + 5], fingerprint = ARGV[at + 6], deduplication = ARGV[at + 7], replayOf = ARGV[at + 8],
    request = ARGV[at + 9], progress = ARGV[at + 10], maxQueued = tonumber(ARGV[at + 11]), nth = i
  }
end

local function waiting()
  return redis.call('ZCARD', ready) + redis.call('ZCARD', delayed) + redis.call('ZCARD', blocked)
end

local function store(new)
  -- One microsecond apart, so that those of one batch keep their order.
  local arrival = nowMicros + new.nth
  local rank = arrival - new.priority * 10000000
  redis.call('HSET', request(new.id), 'status', 'accepted', 'version', 1, 'token', 0, 'deliveries', 0,
    'acceptedAt', now, 'rank', rank, 'order', new.order, 'deduplication', new.deduplication, 'ttl', new.ttl,
    'replayOf', new.replayOf, 'request', new.request)
  if new.progress ~= '' then redis.call('HSET', request(new.id), 'progress', new.progress) end
  for digest in string.gmatch(new.deduplication, '%S+') do
    redis.call('SET', base .. ':known:' .. digest, new.id .. ' ' .. new.fingerprint)
  end
  redis.call('ZADD', all, 0, new.id)
  redis.call('ZADD', open, now, new.id)
  redis.call('ZADD', times, new.eventTime == '' and now or new.eventTime, new.id)
  if new.order ~= '' then
    local order = base .. ':order:' .. new.order
    redis.call('ZADD', order, arrival, new.id)
    if redis.call('ZRANGE', order, 0, 0)[1] ~= new.id then
      redis.call('ZADD', blocked, arrival, new.id)
      return false
    end
  end
  redis.call('ZADD', ready, rank, new.id)
  return true
end
`
