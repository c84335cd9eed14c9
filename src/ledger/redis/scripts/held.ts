import { changes, prelude } from './prelude.ts'
import { createScript } from './script.ts'

/** Arguments: the lease, then id and token of each claim. Answers which are lost, counted from 1. */
export const renewScript = createScript(
  'goes on',
  prelude,
  changes,
  `
local lost = {}
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  if owns(id, ARGV[i + 1]) then
    redis.call('ZREM', ready, id)
    redis.call('ZADD', claims, now + ARGV[1], id)
  else
    table.insert(lost, i / 2)
  end
end
return lost
`
)

/** Arguments: id, token, progress. Answers 1, or 0 when the claim is lost. */
export const checkpointScript = createScript(
  'goes on',
  prelude,
  changes,
  `
local id = ARGV[1]
if not owns(id, ARGV[2]) then return 0 end
redis.call('HSET', request(id), 'progress', ARGV[3])
changed(id)
return 1
`
)

/** Arguments: id, token, delay, 1 when the delivery is spent. Answers 1, or 0 when the claim is lost. */
export const releaseScript = createScript(
  'goes on',
  prelude,
  changes,
  `
local id, delayMs = ARGV[1], tonumber(ARGV[3])
if not owns(id, ARGV[2]) then return 0 end
unqueue(id)
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
