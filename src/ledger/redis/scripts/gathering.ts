/**
 * For scripts that change many requests: what they put into sets and take out of them is gathered, and done by one
 * command for each set, since a command costs several times what a member does. Nothing in between reads those sets.
 */
export const gathering = `
-- As an argument; left a number, it would be written with 17 digits by a slower way.
local function whole(number)
  return string.format('%.0f', number)
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

local gathered = {}

local function add(set, score, id)
  local members = gathered[set]
  if not members then
    members = {}
    gathered[set] = members
  end
  members[#members + 1] = score
  members[#members + 1] = id
end

local function addAll()
  for set, members in pairs(gathered) do withMembers('ZADD', set, members) end
end
`
