/** For scripts that claim requests, and answer what they have claimed. */
export const taking = `
local taken, lines, answer = {}, {}, {''}

-- A token is a time, so that it also grows over a failover that forgot the claim before. One that was running is taken
-- over: its owner's lease ran out.
local function take(id, leaseMs, call)
  local s = stateOf(id)
  taken[#taken + 1] = id
  if not s then return end
  local takenOver = s.status == 'running' and '1' or '0'
  s.status, s.token, s.call = 'running', whole(math.max(nowMicros, s.token + 1)), call
  s.deliveries = whole(s.deliveries + 1)
  change(s)
  add(claims, whole(now + leaseMs), id)
  lines[#lines + 1] = table.concat({id, takenOver, stateText(s)}, ' ')
  for _, frame in ipairs(redis.call('HMGET', request(id), 'request', 'data', 'progress', 'waiting')) do
    answer[#answer + 1] = frame or ''
  end
  answer[#answer + 1] = string.find(s.holds, 'm') and redis.call('HGETALL', request(id)) or {}
end

local function takenAnswer()
  answer[1] = table.concat(lines, '\\n')
  return answer
end
`
