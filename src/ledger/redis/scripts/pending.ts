import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Answers how many are queued and claimed, the least acceptance and the least event time; -1 when there is none. */
export const pendingScript = createScript(
  'reads',
  prelude,
  `
local function least(index)
  return tonumber(redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2] or -1)
end
local function lesser(a, b)
  return math.min(a < 0 and b or a, b < 0 and a or b)
end
local queued = redis.call('ZCARD', ready) + redis.call('ZCARD', delayed) + redis.call('ZCARD', blocked)
local untimed = least(open)
return {queued, redis.call('ZCARD', claims), lesser(untimed, least(timed)), lesser(untimed, least(times))}
`
)
