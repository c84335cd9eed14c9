/**
 * For scripts that accept requests. Fields of the record beside those of `StoredRecord`: `token` and `call`
 * (of the last claim), `rank`, `ttl`; and where there is one, `order` (digest of the order key), `deduplication`
 * (digests), `replayOf`.
 */
export const accepting = `
local fieldCount = 11

-- The i-th request, from 0, of those that start after the given argument.
local function requestAt(i, offset)
  local at = offset + i * fieldCount
  return {
    id = ARGV[at + 1], priority = tonumber(ARGV[at + 2]), order = ARGV[at + 3], eventTime = ARGV[at + 4],
    ttl = ARGV[at + 5], fingerprint = ARGV[at + 6], deduplication = ARGV[at + 7], replayOf = ARGV[at + 8],
    request = ARGV[at + 9], progress = ARGV[at + 10], maxQueued = tonumber(ARGV[at + 11])
  }
end

local function waiting()
  return redis.call('ZCARD', ready) + redis.call('ZCARD', delayed) + redis.call('ZCARD', blocked)
end

-- Whether it is the first of its order key.
local function line(new, arrival)
  if new.order == '' then return true end
  local order = base .. ':order:' .. new.order
  redis.call('ZADD', order, arrival, new.id)
  return redis.call('ZRANGE', order, 0, 0)[1] == new.id
end

local function index(new)
  redis.call('ZADD', all, 0, new.id)
  for digest in string.gmatch(new.deduplication, '%S+') do
    redis.call('SET', base .. ':known:' .. digest, new.id .. ' ' .. new.fingerprint)
  end
  if new.eventTime == '' then
    redis.call('ZADD', open, now, new.id)
  else
    redis.call('ZADD', timed, now, new.id)
    redis.call('ZADD', times, new.eventTime, new.id)
  end
end

-- As many microseconds later as others were stored before it in this script, so that they keep their order. With a lease
-- it is claimed unless another comes before it; answers the token of the claim, and whether it can be claimed by others.
local function store(new, nth, leaseMs, call)
  local id, key, arrival = new.id, request(new.id), nowMicros + nth
  local rank = arrival - new.priority * 10000000
  local first = line(new, arrival)
  local token = first and leaseMs and arrival
  redis.call('HSET', key, 'status', token and 'running' or 'accepted', 'version', token and 2 or 1, 'token', token or 0,
    'deliveries', token and 1 or 0, 'call', token and call or '', 'acceptedAt', now, 'rank', rank, 'ttl', new.ttl,
    'request', new.request)
  for _, field in ipairs({'order', 'deduplication', 'replayOf', 'progress'}) do
    if new[field] ~= '' then redis.call('HSET', key, field, new[field]) end
  end
  index(new)
  if token then
    redis.call('ZADD', claims, now + leaseMs, id)
  elseif first then
    redis.call('ZADD', ready, rank, id)
  else
    redis.call('ZADD', blocked, arrival, id)
  end
  return token, first and not token
end
`
