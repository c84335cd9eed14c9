/** For scripts that accept requests. */
export const accepting = `
local nothing = {}

local function split(words)
  if words == '' then return nothing end
  local list = {}
  for word in string.gmatch(words, '[^,]+') do list[#list + 1] = word end
  return list
end

-- Any other letter is the mark of an inner sequence, whose path comes before it.
local names = {d = 'data', p = 'progress'}

-- The request whose arguments start at the given one: its head, the frame of the request, and what else the head says
-- that it holds. Answers also what leads it, and where the next one starts.
local function requestAt(at)
  local lead, holds, id, priority, order, eventTime, ttl, maxQueued, replayOf, fingerprint, deduplication =
    string.match(ARGV[at],
      '^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) (.*)$')
  local fields = {'request', ARGV[at + 1]}
  local nextAt = at + 2
  for letter in string.gmatch(holds, '.') do
    local name = names[letter]
    if not name then
      name = 'mark:' .. ARGV[nextAt]
      nextAt = nextAt + 1
    end
    fields[#fields + 1] = name
    fields[#fields + 1] = ARGV[nextAt]
    nextAt = nextAt + 1
  end
  local new = {
    id = id, priority = tonumber(priority), order = order, eventTime = eventTime, ttl = ttl, fingerprint = fingerprint,
    deduplication = deduplication, digests = split(deduplication), replayOf = replayOf, holds = holds, fields = fields,
    maxQueued = tonumber(maxQueued)
  }
  return new, lead, nextAt
end

local function waiting()
  return redis.call('ZCARD', ready) + redis.call('ZCARD', delayed) + redis.call('ZCARD', blocked)
end

-- Whether it is the first of its order key. It is the last in any case, also when the clock was set back since.
local function line(new, arrival)
  if new.order == '' then return true end
  local order = base .. ':order:' .. new.order
  local last = redis.call('ZRANGE', order, -1, -1, 'WITHSCORES')[2]
  redis.call('ZADD', order, last and whole(math.max(arrival, last + 1)) or arrival, new.id)
  return not last
end

local function index(new)
  add(all, '0', new.id)
  for _, digest in ipairs(new.digests) do
    redis.call('SET', base .. ':known:' .. digest, new.id .. ' ' .. new.fingerprint)
  end
  if new.eventTime == '' then
    add(open, nowText, new.id)
  else
    add(timed, nowText, new.id)
    add(times, new.eventTime, new.id)
  end
end

-- As many microseconds later as others were stored before it in this script, so that they keep their order. With a
-- lease it is claimed unless another comes before it; answers the token of the claim, and whether it can be claimed by
-- others.
local function store(new, nth, leaseMs, call, confirms)
  local id, arrival = new.id, whole(nowMicros + nth)
  local rank = whole(nowMicros + nth - new.priority * 10000000)
  local first = line(new, arrival)
  local token = first and leaseMs and arrival
  local s = {
    status = token and 'running' or 'accepted', version = token and '2' or '1', token = token or '0',
    deliveries = token and '1' or '0', call = (token or confirms) and call or '', acceptedAt = nowText, rank = rank, ttl = new.ttl,
    finishedAt = '', holds = new.holds, order = new.order, replayOf = new.replayOf, deduplication = new.deduplication
  }
  redis.call('HSET', request(id), 'state', stateText(s), unpack(new.fields))
  index(new)
  if token then
    add(claims, whole(now + leaseMs), id)
  elseif first then
    add(ready, rank, id)
  else
    add(blocked, arrival, id)
  end
  return token, first and not token
end
`
