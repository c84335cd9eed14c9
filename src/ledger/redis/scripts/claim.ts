import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'
import { taking } from './library/taking.ts'

/**
 * Arguments: how many at most, the lease, the name of this call, the names of calls that claimed too, but whose answers
 * were lost. Answers a list: in one text a line for each request that was claimed, its id, 1 when it was taken over or
 * else 0, its state; then frame, data and mark of the root of each, empty when there is none, and a list that has all
 * fields of one with marks of inner sequences.
 *
 * Nobody runs the requests that a lost call has claimed: they go back among the ready ones, without having been
 * delivered. Requests that are due, or were left by their owner, go back among the ready ones, each at its old rank; a thousand at
 * a time, so that no call is long. A request whose lease ran out stays its owner's until another takes it. A record
 * that is missing was evicted by a server that is set to do so; the durability warned of it.
 */
export const claimScript = createScript(
  'goes on',
  prelude,
  changing,
  taking,
  `
local limit, leaseMs, call = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local lost = {}
for i = 4, #ARGV do lost[ARGV[i]] = true end
for _, id in ipairs(next(lost) and redis.call('ZRANGE', claims, 0, -1) or {}) do
  local s = stateOf(id)
  if s and lost[s.call] then
    s.status, s.deliveries = 'accepted', whole(s.deliveries - 1)
    redis.call('HSET', request(id), 'state', stateText(s))
    redis.call('ZREM', claims, id)
    enqueue(s)
  end
end

local function dueAgain(queue, from, to)
  for _, id in ipairs(redis.call('ZRANGE', queue, from, to, 'BYSCORE', 'LIMIT', 0, 1000)) do
    redis.call('ZREM', queue, id)
    enqueue(stateOf(id))
  end
end

dueAgain(delayed, '-inf', now)
dueAgain(delayed, '(' .. farAhead, '+inf')
dueAgain(claims, '-inf', now)
-- The clock was set back. An owner that lives renews within this time, and keeps what it runs.
for _, id in ipairs(redis.call('ZRANGE', claims, '(' .. farAhead, '+inf', 'BYSCORE', 'LIMIT', 0, 1000)) do
  redis.call('ZADD', claims, whole(now + math.min(leaseMs, 4000)), id)
end

for _, id in ipairs(redis.call('ZRANGE', ready, 0, limit - 1)) do take(id, leaseMs, call) end
withMembers('ZREM', ready, taken)
finishUp()
return takenAnswer()
`
)
