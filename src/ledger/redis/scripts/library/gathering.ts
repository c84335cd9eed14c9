/**
 * For scripts that change many requests: what they put into sets and take out of them, and the news of what they
 * changed, is gathered, and done by one command for each set, since a command costs several times what a member does.
 * Nothing in between reads those sets. They end with `finishUp`.
 */
export const gathering = `
-- Formats an integer as text. Redis would print a Lua number with 17 digits, and more slowly.
local function whole(number)
  return string.format('%d', number)
end

local nowText = whole(now)

-- A thousand at a time, since the stack of Lua ends somewhere; each time with the index of the first.
local function inParts(members, visit)
  for from = 1, #members, 1000 do visit(from, unpack(members, from, math.min(from + 999, #members))) end
end

-- Answers the sum of what the command answers.
local function withMembers(command, set, members)
  local sum = 0
  inParts(members, function(_, ...) sum = sum + redis.call(command, set, ...) end)
  return sum
end

-- Most are in the first of the sets, and then in none of the others.
local function removeFrom(sets, members)
  if withMembers('ZREM', sets[1], members) == #members then return end
  for i = 2, #sets do withMembers('ZREM', sets[i], members) end
end

local function listIn(lists, key)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  return list
end

local added, ending, changed = {}, {}, {}

local function add(set, score, id)
  local members = listIn(added, set)
  members[#members + 1] = score
  members[#members + 1] = id
end

-- The record goes when its time is over.
local function expire(id, ttl)
  redis.call('PEXPIRE', request(id), ttl)
  local ids = listIn(ending, math.floor((now + ttl) / endsMs))
  ids[#ids + 1] = id
end

local function finishUp()
  for span, ids in pairs(ending) do
    withMembers('RPUSH', endsIn(span), ids)
    add(ends, whole((span + 1) * endsMs), span)
  end
  for set, members in pairs(added) do withMembers('ZADD', set, members) end
  if changed[1] then redis.pcall('PUBLISH', base .. ':changes', table.concat(changed, ' ')) end
end
`
