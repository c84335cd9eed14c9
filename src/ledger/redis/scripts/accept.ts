import { accepting } from './accepting.ts'
import { changing } from './changing.ts'
import { claiming } from './claiming.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: the lease (empty: not to be claimed), the name of this call, how many requests, their fields. Answers the number that wait, if
 * they are too many; else for each request `known`, id, whether the fingerprint is the same; `accepted`, id; or
 * `claimed`, id, fields of the record.
 */
export const acceptScript = createScript(
  'takes in',
  prelude,
  changing,
  accepting,
  claiming,
  `
local leaseMs, call, count = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local here = {}

local function knownAs(new)
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

local requests, answers, fresh = {}, {}, 0
local other
for i = 1, count do
  requests[i] = requestAt(i - 1, 3)
  answers[i] = knownAs(requests[i])
  if not answers[i] then fresh = fresh + 1
  elseif answers[i][3] == 0 then other = other or answers[i] end
end
if other then
  for i = 1, count do answers[i] = answers[i] or other end
  return answers
end
local queued = fresh > 0 and waiting() or 0
local queuing = leaseMs and math.min(fresh, 1) or fresh
if fresh > 0 and queued + queuing > requests[1].maxQueued then return queued end

local left = false
for i = 1, count do
  if not answers[i] then
    local id = requests[i].id
    local runnable = store(requests[i])
    if runnable and leaseMs then
      take(id, leaseMs, call)
      answers[i] = {'claimed', id, redis.call('HMGET', request(id), 'version', 'token', 'acceptedAt')}
    else
      left = left or runnable
      answers[i] = {'accepted', id}
    end
  end
end
sweep()
if left then announceWork() end
return answers
`
)
