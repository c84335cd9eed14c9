import { gathering } from './gathering.ts'
import { state } from './state.ts'

/** How long it is known of an expired request that there was one, in milliseconds. */
const rememberedMs = 7 * 24 * 60 * 60 * 1000

/** For scripts that change requests. */
export const changing = `${state}${gathering}
-- A bell that cannot ring undoes nothing: the user may have no right to channels.
local function announceWork()
  local prefix, tag = string.match(base, '^(.*):{(.*)}$')
  redis.pcall('PUBLISH', prefix .. ':work', tag)
end

-- With more fields of the record, if there are any.
local function change(s, ...)
  s.version = whole(s.version + 1)
  redis.call('HSET', request(s.id), 'state', stateText(s), ...)
  changed[#changed + 1] = s.id
end

-- The state of the request whose claim is still held.
local function held(id, token)
  local s = stateOf(id)
  return s and s.status == 'running' and s.token == token and s
end

-- That there is a note, which goes when the request ends.
local function noteIn(s, note)
  if note ~= '' and not string.find(s.holds, 'w') then s.holds = s.holds .. 'w' end
end

-- The marks of inner sequences whose paths begin so.
local function forgetMarks(id, prefix)
  local start = 'mark:' .. prefix
  for _, field in ipairs(redis.call('HKEYS', request(id))) do
    if string.sub(field, 1, #start) == start then redis.call('HDEL', request(id), field) end
  end
end

-- Unless it is not there: among the ready ones, at its old rank.
local function enqueue(s)
  if s then redis.call('ZADD', ready, s.rank, s.id) end
end

-- One that runs is in no other queue, but for one whose lease ran out.
local function unqueue(ids)
  removeFrom({claims, ready, delayed, blocked}, ids)
end

-- More than come in, when count of them do, so that the index stays as small as what it lists. Answers how many went.
local function sweep(count)
  local span, due = unpack(redis.call('ZRANGE', ends, 0, 0, 'WITHSCORES'))
  if not span or tonumber(due) > now then return 0 end
  local expired = redis.call('LPOP', endsIn(span), count + 10) or {}
  for _, id in ipairs(expired) do redis.call('SET', tombstone(id), '', 'PX', ${rememberedMs}) end
  for _, set in ipairs({all, dead}) do withMembers('ZREM', set, expired) end
  if #expired < count + 10 then redis.call('ZREM', ends, span) end
  return #expired
end
`
