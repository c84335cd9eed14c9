import { changing } from './changing.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/** Arguments: id, token, delay, 1 when the delivery is spent. Answers 1, or 0 when the claim is lost. */
export const releaseScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local id, delayMs = ARGV[1], tonumber(ARGV[3])
if not owns(id, ARGV[2]) then return 0 end
unqueue({id})
redis.call('HSET', request(id), 'status', 'accepted')
if ARGV[4] ~= '1' then redis.call('HINCRBY', request(id), 'deliveries', -1) end
if delayMs > 0 then
  redis.call('ZADD', delayed, now + delayMs, id)
else
  enqueue(id)
  announceWork()
end
changed(id)
return 1
`
)
