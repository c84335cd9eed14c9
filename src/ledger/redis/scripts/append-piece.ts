import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { streaming } from './library/streaming.ts'
import { createScript } from './script.ts'

/** Longer than any reply streams. */
const longestMs = 7 * 24 * 60 * 60 * 1000

/**
 * Arguments: id, token, octets of the run before these, the frame of the reply without its data, the octets. Answers the
 * run, or 0 when the claim is lost, or octets before these are.
 */
export const appendPieceScript = createScript(
  'goes on',
  prelude,
  changing,
  streaming,
  `
local id, token, offset, head, octets = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local s = held(id, token)
if not s then return 0 end
local key = stream(id)
local run, of, size = unpack(redis.call('HMGET', key, 'run', 'token', 'size'))
if of ~= token then
  run, size = whole((run or 0) + 1), 0
  redis.call('DEL', key)
  redis.call('HSET', key, 'run', run, 'token', token, 'size', 0, 'head', head)
  -- It goes when the request ends; where a former version ends it, which does not know of streams, it goes by itself.
  redis.call('PEXPIRE', key, ${longestMs})
  if not string.find(s.holds, 's') then s.holds = s.holds .. 's' end
end
size = tonumber(size)
if offset > size then return 0 end
local fresh = string.sub(octets, size - offset + 1)
if #fresh > 0 then
  local block, filled = math.floor(size / blockBytes), size % blockBytes
  if filled > 0 then fresh = redis.call('HGET', key, blockName(block)) .. fresh end
  for at = 1, #fresh, blockBytes do
    redis.call('HSET', key, blockName(block), string.sub(fresh, at, at + blockBytes - 1))
    block = block + 1
  end
  redis.call('HSET', key, 'size', whole(size - filled + #fresh))
  change(s)
  finishUp()
end
return tonumber(run)
`
)
