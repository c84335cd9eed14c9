import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/** Answers how many are queued and claimed, the least acceptance and the least event time; -1 when there is none. */
export const pendingScript = createScript(
  'reads',
  prelude,
  `
local function least(index)
  return tonumber(redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2] or -1)
end
local queued = redis.call('ZCARD', ready) + redis.call('ZCARD', delayed) + redis.call('ZCARD', blocked)
return {queued, redis.call('ZCARD', claims), least(open), least(times)}
`
)
