import { accepting } from './accepting.ts'
import { changing } from './changing.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Takes in several groups of requests, each of them whole or not at all, one after the other.
 *
 * Arguments: the name of this call, how many groups; of each group the lease (empty: not to be claimed), how many
 * requests, their fields. Answers for each group the number that wait, if they are too many; else for each of its
 * requests `known`, id, whether the fingerprint is the same; `accepted`, id; or `claimed`, id, version, token, time of
 * acceptance.
 */
export const acceptScript = createScript(
  'takes in',
  prelude,
  changing,
  accepting,
  `
local call, groupCount = ARGV[1], tonumber(ARGV[2])
local stored, left = 0, false
local queued

local function knownAs(new, here)
  if here[new.id] or redis.call('EXISTS', request(new.id)) == 1 then return {'known', new.id, 1} end
  for digest in string.gmatch(new.deduplication, '%S+') do
    local found = here[digest] or redis.call('GET', base .. ':known:' .. digest)
    if found then
      local id, fingerprint = string.match(found, '^(%S+) (.*)$')
      return {'known', id, fingerprint == new.fingerprint and 1 or 0}
    end
  end
  here[new.id] = true
  for digest in string.gmatch(new.deduplication, '%S+') do here[digest] = new.id .. ' ' .. new.fingerprint end
end

local function take(new, leaseMs)
  local token, claimable = store(new, stored, leaseMs, call)
  stored = stored + 1
  if token then return {'claimed', new.id, 2, token, now} end
  queued = queued + 1
  left = left or claimable
  return {'accepted', new.id}
end

local function takeGroup(requests, leaseMs)
  local answers, here, fresh = {}, {}, 0
  local other
  for i, new in ipairs(requests) do
    answers[i] = knownAs(new, here)
    if not answers[i] then fresh = fresh + 1
    elseif answers[i][3] == 0 then other = other or answers[i] end
  end
  if other then
    for i = 1, #requests do answers[i] = answers[i] or other end
  elseif fresh > 0 then
    queued = queued or waiting()
    if queued + (leaseMs and 1 or fresh) > requests[1].maxQueued then return queued end
    for i, new in ipairs(requests) do answers[i] = answers[i] or take(new, leaseMs) end
  end
  return answers
end

local at, answers = 2, {}
for group = 1, groupCount do
  local leaseMs, count = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local requests = {}
  for i = 1, count do requests[i] = requestAt(i - 1, at + 2) end
  answers[group] = takeGroup(requests, leaseMs)
  at = at + 2 + count * fieldCount
end
sweep(stored)
if left then announceWork() end
return answers
`
)
