import { accepting } from './library/accepting.ts'
import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/**
 * Takes in several groups of requests, each of them whole or not at all, one after the other.
 *
 * Arguments: the name of this call; letters, `l` when it is sure that the index of pipelines has this one, `c` when
 * what it accepts is told only once it is confirmed; then those of each request; the first of a group is led by its
 * lease (0: not to be claimed), the others by a plus. Answers `unlisted`, and has done nothing, when that is not sure
 * and there is no record at all; or one text, which costs both sides less than a list: in the first line the time of
 * acceptance, then a line for each group. `full N`: as many wait, which is too many; else for each request a word:
 * `accepted`, `claimed:TOKEN`, or `known:ID:1`, at the end 0 when the fingerprint is another one.
 */
export const acceptScript = createScript(
  'takes in',
  prelude,
  changing,
  accepting,
  `
local call = ARGV[1]
-- A new pipeline, or one that somebody else emptied together with the index: nobody would look here after a restart.
if not string.find(ARGV[2], 'l') and redis.call('EXISTS', all) == 0 then return 'unlisted' end
local confirms = string.find(ARGV[2], 'c')
local stored, left = 0, false
local queued

-- The ids that there are, as a set.
local known = {}

local function findKnown(ids)
  inParts(ids, function(from, ...)
    for i, score in ipairs(redis.call('ZMSCORE', all, ...)) do
      if score then known[ids[from + i - 1]] = true end
    end
  end)
end

local function knownAs(new, here)
  if known[new.id] or here[new.id] then return {id = new.id, same = true} end
  for _, digest in ipairs(new.digests) do
    local found = here[digest] or redis.call('GET', base .. ':known:' .. digest)
    if found then
      local id, fingerprint = string.match(found, '^(%S+) (.*)$')
      return {id = id, same = fingerprint == new.fingerprint}
    end
  end
  here[new.id] = true
  for _, digest in ipairs(new.digests) do here[digest] = new.id .. ' ' .. new.fingerprint end
end

local function take(new, leaseMs)
  known[new.id] = true
  local token, claimable = store(new, stored, leaseMs, call, confirms)
  stored = stored + 1
  if token then return 'claimed:' .. token end
  queued = queued + 1
  left = left or claimable
  return 'accepted'
end

-- Another caller is told of it from now on: it is not taken back with what it came with, and what tells of it is a
-- write.
local function describe(found)
  local s = confirms and stateOf(found.id)
  if s and s.finishedAt == '' then change(s) end
  return 'known:' .. found.id .. (found.same and ':1' or ':0')
end

local function takeGroup(requests, leaseMs)
  local found, words, here, fresh = {}, {}, {}, 0
  local other
  for i, new in ipairs(requests) do
    found[i] = knownAs(new, here)
    if not found[i] then fresh = fresh + 1
    elseif not found[i].same then other = other or found[i] end
  end
  if fresh > 0 and not other then
    queued = queued or waiting()
    if queued + (leaseMs and 1 or fresh) > requests[1].maxQueued then return 'full ' .. queued end
  end
  for i, new in ipairs(requests) do
    local before = found[i] or other
    words[i] = before and describe(before) or take(new, leaseMs)
  end
  return table.concat(words, ' ')
end

local groups, ids, at = {}, {}, 3
while at <= #ARGV do
  local new, lead
  new, lead, at = requestAt(at)
  if lead ~= '+' then groups[#groups + 1] = {requests = {}, leaseMs = lead ~= '0' and tonumber(lead) or nil} end
  table.insert(groups[#groups].requests, new)
  ids[#ids + 1] = new.id
end

findKnown(ids)
local lines = {nowText}
for i, group in ipairs(groups) do lines[i + 1] = takeGroup(group.requests, group.leaseMs) end
finishUp()
sweep(stored)
if left then announceWork() end
return table.concat(lines, '\\n')
`
)
